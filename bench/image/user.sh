#!/bin/sh
# A user that owns the site and can do nothing else.
set -eu
useradd --system --user-group --home-dir /srv/site --shell /usr/sbin/nologin site
