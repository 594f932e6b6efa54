provisioner "converge" {
  module            = "https://example.org/install.hcl"
  bootstrap         = true
  version           = "0.5.0"
  working_directory = "/srv"
  params            = { message = "hello", count = 2 }
  execute_command   = "cd {{.WorkingDirectory}} && {{if .Sudo}}sudo {{end}}converge apply --paramsJSON '{{.ParamsJSON}}' {{.Module}}"
  prevent_sudo      = true
  bootstrap_command = "curl -s https://example.org | {{if .Sudo}}sudo {{end}}sh {{if ne .Version \"\"}}-s -- -v {{.Version}}{{end}}"
  prevent_bootstrap_sudo = true

  module_dirs {
    source      = "testdata/host/dir/"
    destination = "/tmp/modules"
    exclude     = [".git"]
  }
  module_dirs {
    source      = "testdata/host/dir"
    destination = "/tmp"
  }
}
