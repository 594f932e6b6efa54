package probebin

//go:generate go run ./fill bin
