#!/bin/sh
# The web server's settings, like those of examples/web.
set -eu

chown -R site:site /srv/site
find /srv/site -type d -exec chmod 0755 {} +
find /srv/site -type f -exec chmod 0644 {} +

cat > /etc/nginx/conf.d/hardening.conf <<CONF
server_tokens off;
client_max_body_size 1m;
CONF

cat > /etc/nginx/sites-available/site <<CONF
server {
    listen 80 default_server;
    server_name ${SITE_NAME};
    root /srv/site;
    add_header X-Content-Type-Options nosniff always;
}
CONF
ln -sf /etc/nginx/sites-available/site /etc/nginx/sites-enabled/site
rm -f /etc/nginx/sites-enabled/default

nginx -t
