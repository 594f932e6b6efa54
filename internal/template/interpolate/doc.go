// Package interpolate renders {{ }} placeholders: the template engine of legacy
// JSON templates, which also works inside the strings of HCL2 ones. The grammar
// is that of text/template; the functions are Packer's.
//
// Time and memory are bounded whatever the text: loops, sizes of results and
// nesting have limits.
package interpolate
