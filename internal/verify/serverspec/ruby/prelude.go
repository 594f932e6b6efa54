package ruby

import "embed"

// preludes are the libraries that are written in Ruby.
//
//go:embed prelude/*.rb
var preludes embed.FS

// preludeOf is the file of a library that is written in Ruby.
func preludeOf(library string) (string, bool) {
	switch library {
	case "set", "ostruct", "pathname", "forwardable", "singleton", "delegate", "ipaddr", "uri", "date", "tempfile", "logger":
		return library, true
	}
	return "", false
}

// preludeFor is the file that defines a constant.
func preludeFor(constant string) (string, bool) {
	switch constant {
	case "Gem":
		return "gem", true
	case "DateTime":
		return "datetime", true
	case "Date":
		return "date", true
	case "Tempfile":
		return "tempfile", true
	case "Logger":
		return "logger", true
	case "Set":
		return "set", true
	case "OpenStruct":
		return "ostruct", true
	case "Pathname":
		return "pathname", true
	case "Forwardable":
		return "forwardable", true
	case "Singleton":
		return "singleton", true
	case "SimpleDelegator":
		return "delegate", true
	case "IPAddr":
		return "ipaddr", true
	case "URI":
		return "uri", true
	}
	return "", false
}
