#!/bin/sh
# Settings of the web server that no default gives.
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
    add_header X-Frame-Options DENY always;
}
CONF
ln -sf /etc/nginx/sites-available/site /etc/nginx/sites-enabled/site
rm -f /etc/nginx/sites-enabled/default

cat > /etc/sysctl.d/60-hardening.conf <<CONF
net.ipv4.conf.all.accept_redirects = 0
kernel.kptr_restrict = 2
CONF

# No interactive log-in for root.
passwd --lock root >/dev/null

nginx -t
systemctl enable nginx
systemctl restart nginx
