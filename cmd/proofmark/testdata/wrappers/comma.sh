#!/bin/bash
# Output of a provisioner, with its commas back.
set -euo pipefail
$PACKER build -machine-readable -only=probe web.json |
	sed -n 's/^[0-9]*,,ui,message,    probe: //p' | sed 's/%!(PACKER_COMMA)/,/g'
