package ruby

import (
	_ "embed"
	"strings"
	"sync"
)

// coreMethods is what Ruby 3.1's own classes have: a line for each, "String#: …" for
// methods of instances and "String.: …" for the class's own, and "constants: …".
// [coremethods.rb] wrote it.
//
//go:embed coremethods.txt
var coreMethods string

// coreLines are the lines of the table by their titles, with a blank around each name.
var coreLines = sync.OnceValue(func() map[string]string {
	lines := map[string]string{}
	for line := range strings.Lines(coreMethods) {
		title, names, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		lines[title] = " " + names + " "
	}
	return lines
})

// coreHas looks a name up in a line of the table.
func coreHas(line, name string) bool {
	return strings.Contains(coreLines()[line], " "+name+" ")
}

// known says how a method is called that real Ruby has for v but this one has not, or "".
func (in *Interp) known(v Value, name string, mode sendMode) string {
	if k, ok := v.(*Class); ok {
		for s := k; s != nil; s = s.super {
			if n := s.Name(); n != "" && coreHas(n+".", name) && name != "new" {
				return n + "." + name
			}
		}
	}
	for _, k := range in.ancestors(in.dispatchClass(v)) {
		if m, ok := k.methods[name]; ok && m.undef {
			return ""
		}
		n := k.Name()
		if n == "" || k.singleton {
			continue
		}
		if (n == "Kernel" || n == "Object" || n == "BasicObject") && mode == sendPublic && in.privateInKernel(name) {
			continue
		}
		if coreHas(n+"#", name) {
			if n == "Kernel" || n == "Object" {
				return name
			}
			return n + "#" + name
		}
	}
	return ""
}

// privateInKernel tells Kernel's functions, which nobody calls with a receiver, from the
// methods that all objects have.
func (in *Interp) privateInKernel(name string) bool {
	return coreHas("Kernel.", name)
}

// knownConst tells whether real Ruby has a constant of that name, or a library that was
// required defines it.
func (in *Interp) knownConst(k *Class, name string) bool {
	if k != in.Object {
		return coreHas(k.Name()+"::", name)
	}
	if coreHas("constants", name) || containsWord("Monitor MonitorMixin RbConfig DidYouMean", name) {
		return true
	}
	for library, names := range outsideLibraries() {
		if in.loaded[library] && containsWord(names, name) {
			return true
		}
	}
	return false
}

func containsWord(words, word string) bool {
	for w := range strings.FieldsSeq(words) {
		if w == word {
			return true
		}
	}
	return false
}

// outsideLibraries are libraries of Ruby's that can be required but whose constants are
// outside of the subset, with these constants.
func outsideLibraries() map[string]string {
	return map[string]string{
		"socket":           "Socket TCPSocket TCPServer UDPSocket UNIXSocket UNIXServer Addrinfo BasicSocket IPSocket SocketError",
		"net/http":         "Net",
		"net/https":        "Net",
		"net/smtp":         "Net",
		"net/ftp":          "Net",
		"net/protocol":     "Net",
		"open-uri":         "OpenURI",
		"openssl":          "OpenSSL",
		"tmpdir":           "",
		"fileutils":        "FileUtils",
		"find":             "Find",
		"stringio":         "StringIO",
		"strscan":          "StringScanner",
		"timeout":          "",
		"csv":              "CSV",
		"optparse":         "OptionParser",
		"etc":              "Etc",
		"pty":              "PTY",
		"io/console":       "",
		"io/wait":          "",
		"zlib":             "Zlib",
		"resolv":           "Resolv",
		"rexml/document":   "REXML",
		"benchmark":        "Benchmark",
		"bigdecimal":       "BigDecimal",
		"delegate":         "Delegator SimpleDelegator DelegateClass",
		"observer":         "Observable",
		"monitor":          "Monitor MonitorMixin",
		"thread":           "",
		"thwait":           "ThreadsWait",
		"weakref":          "WeakRef",
		"objspace":         "",
		"coverage":         "Coverage",
		"rbconfig":         "RbConfig",
		"rubygems":         "",
		"bundler":          "Bundler",
		"bundler/setup":    "Bundler",
		"rake":             "Rake",
		"psych":            "Psych",
		"prime":            "Prime",
		"matrix":           "Matrix Vector",
		"tsort":            "TSort",
		"win32ole":         "WIN32OLE",
		"readline":         "Readline",
		"syslog":           "Syslog",
		"drb":              "DRb",
		"pstore":           "PStore",
		"random/formatter": "",
		"pp":               "",
		"prettyprint":      "PrettyPrint",
		"abbrev":           "Abbrev",
		"getoptlong":       "GetoptLong",
		"cgi":              "CGI",
		"ripper":           "Ripper",
		"fiddle":           "Fiddle",
		"digest/sha2":      "",
	}
}
