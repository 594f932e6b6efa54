#!/bin/sh
# The check before a merge: every template, and which are wrong.
for t in *.json *.pkr.hcl; do
	case $t in old.json) continue ;; esac
	if $PACKER validate "$t" > validate.log 2>&1; then echo "ok      $t"; else echo "invalid $t"; fi
done
$PACKER validate -syntax-only broken.json > /dev/null && echo 'its syntax is right'
