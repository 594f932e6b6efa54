// Package install holds what builders of virtual machines share: the options with
// which an operating system is installed from a medium, and what is right of them.
// Each group is a struct to embed in a builder's configuration, with a method Check.
//
// The errors of Check name their options by template.At and its like, are joined, and
// hold warnings beside errors (template.Warning). What is not known before the build,
// and what only the platform can tell, is not checked. Files that the template names
// must exist; directories for the results are the build's affair, as it depends on
// -force whether they may.
package install
