#!/bin/sh
# Refuse what is not formatted.
printf 'locals {\na=1\n}\n' > new.pkr.hcl
$PACKER fmt -check . > names
case $? in
0) echo formatted ;;
3) sed 's/^/needs fmt: /' names ;;
*) echo error ;;
esac
$PACKER fmt new.pkr.hcl > /dev/null && $PACKER fmt -check . && cat new.pkr.hcl
