package machine

// SealScript returns a POSIX shell script that applies the rules to the machine
// it runs in, as root. It needs nothing but sh, rm, find, sed, grep and cat. It
// exits with zero when everything was applied.
func SealScript(rules []SealRule) string { return "" }
