# What the machine under test has: something for each resource to find, and something
# for it to miss. Runs as root in a booted Debian, in place of its setup.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive

# Users and groups.
groupadd -g 2100 docker; groupadd -g 2101 web; groupadd -g 2102 web-admin
useradd -m -u 2001 -G docker,web -s /bin/bash anna
useradd -m -u 2002 -g web-admin -s /bin/sh bert
useradd -u 2003 -d /home/a/b -s /bin/sh-x carl
useradd -r -u 203 -s /usr/sbin/nologin daemonette
usermod -p '$6$salt$0123456789' carl
chage -m 3 -M 90 carl
echo 'bert:secret word' | chpasswd
echo 'anna ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/anna
echo 'bert ALL=(ALL) ALL' >/etc/sudoers.d/bert
for u in root anna bert; do
	home=$(getent passwd $u | cut -d: -f6)
	mkdir -p "$home/.ssh"
	printf '%s\n' "$PUBLIC_KEY" 'ssh-rsa AAAAB3NzaC1yc2E= somebody@somewhere' >"$home/.ssh/authorized_keys"
	chown -R $u: "$home/.ssh"; chmod 700 "$home/.ssh"
done
: >/root/.bashrc

# Files.
mkdir -p /srv/f && cd /srv/f
printf 'Listen 80\nkey = value\n\n# comment\n[section]\na.b = 1+1\npath = /usr/local/bin\n[other]\nkey = other\nlast line' >plain
: >empty
printf 'a\r\nb\r\n' >crlf
printf 'a\000b\377\nListen 80\n' >binary
printf 'caf\303\251\n' >utf8
printf 'x\n' >'with space'
printf 'y\n' >"it's \"q\" \$HOME"
printf 'z\n' >'star*'
printf 'd\n' >-dash
printf 's\n' >'semi;colon'
ln -s plain link; ln -s /srv/f/dir dirlink; ln -s nowhere dangling; ln -s 'with space' spacelink; ln -s loop loop
mkdir dir; chmod 1777 dir; mkfifo -m 640 pipe
mknod block b 7 200 2>/dev/null; mknod char c 1 3
n=0
for m in 0 7 70 700 644 600 4755 2755 1777 111 444 222 640 400 4; do : >"mode$m"; chmod $m "mode$m"; done
chown 54321:54322 mode7; chown anna:web mode640; chown bert mode600
touch -d '2001-09-09 01:46:40.9 UTC' plain
printf '{"a": [1, {"b": null}], "c": "d", "n": 1.5, "t": true}\n' >ok.json
printf '{"a": ' >bad.json
printf -- '---\na:\n  - 1\n  - b: ~\nc: d\nn: 1.5\nt: true\n' >ok.yaml
chmod 640 ok.yaml
i=0; while [ $i -lt 3000 ]; do echo "line $i of many"; i=$((i+1)); done >many

# Packages: one on hold, one removed but for its settings.
echo 'netcat-openbsd hold' | dpkg --set-selections
printf '\nPackage: ghost\nStatus: deinstall ok config-files\nPriority: optional\nSection: admin\nMaintainer: x <x@example.com>\nArchitecture: all\nVersion: 1.0-1\nDescription: gone\n' >>/var/lib/dpkg/status

# Services.
unit() { printf '[Service]\n%s\n[Install]\nWantedBy=multi-user.target\n' "$2" >"/etc/systemd/system/$1"; }
cp /bin/sleep /usr/local/bin/worker
cp /bin/sleep /usr/local/bin/other-worker
unit beat.service 'ExecStart=/usr/local/bin/worker infinity'
unit beat2.service 'ExecStart=/usr/local/bin/worker 1000000
User=anna'
unit idle.service 'ExecStart=/bin/true'
unit broken.service 'ExecStart=/bin/false'
unit off.service 'ExecStart=/usr/local/bin/other-worker infinity'
unit waiting-room.service 'ExecStart=/bin/sleep 1000001'
unit 'pair@.service' 'ExecStart=/bin/sleep 1000002'
printf '[Service]\nExecStart=/bin/true\n' >/etc/systemd/system/static.service
printf '[Unit]\nDescription=alias\n[Service]\nExecStart=/bin/sleep 1000003\n[Install]\nWantedBy=multi-user.target\nAlias=nickname.service\n' >/etc/systemd/system/real.service
printf '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: legacy\n# Required-Start:\n# Required-Stop:\n# Default-Start: 5\n# Default-Stop:\n### END INIT INFO\nexit 0\n' >/etc/init.d/legacy
chmod 755 /etc/init.d/legacy
mkdir -p /etc/rc5.d /etc/rcS.d; ln -sf ../init.d/legacy /etc/rc5.d/S01legacy; ln -sf ../init.d/nothing /etc/rcS.d/S99dangling
cat >/usr/local/bin/listen <<'R'
#!/usr/bin/ruby
require 'socket'
def tcp(ip, port, only = true)
  s = Socket.new(ip.include?(':') ? :INET6 : :INET, :STREAM)
  s.setsockopt(:IPV6, :V6ONLY, only ? 1 : 0) if ip.include?(':')
  s.bind(Addrinfo.tcp(ip, port)); s.listen(1); ($all ||= []) << s
end
def udp(ip, port)
  s = Socket.new(ip.include?(':') ? :INET6 : :INET, :DGRAM)
  s.setsockopt(:IPV6, :V6ONLY, 1) if ip.include?(':')
  s.bind(Addrinfo.udp(ip, port)); ($all ||= []) << s
end
tcp '0.0.0.0', 8001; tcp '127.0.0.1', 8002; tcp '::', 8003; tcp '::', 8004, false; tcp '::1', 8005
udp '0.0.0.0', 8006; udp '127.0.0.1', 8007; udp '::', 8008; udp '::1', 8009
tcp '127.0.0.2', 8010; tcp '127.0.0.1', 18001; tcp '127.0.0.1', 8011; udp '127.0.0.1', 8011
sleep
R
chmod 755 /usr/local/bin/listen
unit listen.service 'ExecStart=/usr/local/bin/listen'
systemctl daemon-reload
systemctl enable --now beat beat2 waiting-room pair@one real listen nginx cron ssh
systemctl start static idle broken
systemctl mask off
systemctl disable idle

# Network.
ip link add dummy0 type dummy && ip addr add 10.77.0.1/24 dev dummy0 && ip -6 addr add fd77::1/64 dev dummy0 && ip link set dummy0 up mtu 1400
ip link add br0 type bridge && ip addr add 10.78.0.1/24 dev br0
ip link add dummy1 type dummy && ip link set dummy1 master br0
ip link add bond0 type bond && ip link add dummy2 type dummy && ip link set dummy2 master bond0
ip route add 192.0.2.0/24 via 10.77.0.9 dev dummy0
ip route add 198.51.100.0/24 dev dummy0
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=2 net.ipv4.tcp_rmem='4096 131072 6291456' net.core.somaxconn=1234
iptables -A INPUT -p tcp --dport 9999 -j DROP
iptables -N SIDE; iptables -A SIDE -s 10.9.0.0/16 -m comment --comment 'two words' -j ACCEPT
iptables -t nat -A POSTROUTING -s 10.77.0.0/24 -j MASQUERADE
ip6tables -A INPUT -p tcp -m tcp --dport 9998 -j REJECT
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.77.0.1 dummy.example.com dummy # not commented\n# 10.77.0.2 commented\nfd77::1 six.example.com\n10.77.0.3 twice\n10.77.0.4 twice\n' >/etc/hosts
hostname machine; echo machine >/etc/hostname; echo '10.77.0.5 machine.example.com machine' >>/etc/hosts

# Mounts.
mkdir -p /srv/mnt '/srv/m nt' /srv/bind
mount -t tmpfs -o size=1m,mode=700,noexec tmpfs /srv/mnt
mount -t tmpfs -o ro,nosuid other '/srv/m nt'
mount --bind /srv/f/dir /srv/bind
cat >/etc/fstab <<'R'
# <file system> <mount point> <type> <options> <dump> <pass>
UUID=0123-4567 / ext4 errors=remount-ro 0 1
tmpfs	/srv/mnt	tmpfs	size=1m,noexec	0	0
/dev/sdb1 /data xfs defaults,noatime 0 2
#/dev/sdc1 /commented ext4 defaults 0 0
server:/export /nfs nfs rw
R

# Cron, mail.
printf '# comment\n*/5 * * * * /usr/bin/job one\n@daily /usr/bin/daily\n#0 0 * * * /usr/bin/off\n' | crontab -
printf '0 3 * * 1-5 /home/anna/backup.sh\n' | crontab -u anna -
printf '15 * * * * root /usr/bin/hourly\n' >/etc/cron.d/hourly
printf 'root: admin@example.com, "two words"\npostmaster: root\nlist: a@example.com,b@example.com\npipe: "|/usr/bin/filter"\n' >/etc/aliases

# Certificates and keys.
mkdir -p /srv/x && cd /srv/x
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 365 -subj '/C=DE/O=Example/CN=www.example.com/emailAddress=a@example.com' \
	-addext 'subjectAltName=DNS:www.example.com,DNS:example.com,IP:10.0.0.1' -addext 'extendedKeyUsage=serverAuth'
openssl req -x509 -newkey rsa:1024 -nodes -keyout other.pem -out ca.pem -days 30 -subj '/CN=CA' -addext 'keyUsage=keyCertSign'
openssl x509 -in cert.pem -setalias nick -trustout -out alias.pem
openssl rsa -aes128 -passout pass:secret -in key.pem -out locked.pem
openssl rsa -traditional -aes128 -passout pass:secret -in key.pem -out locked-old.pem
openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
openssl req -x509 -key ec.pem -out eccert.pem -days 10 -subj '/CN=ec'
openssl req -x509 -key key.pem -out soon.pem -days 1 -subj '/CN=soon'
echo nothing >none.pem

# SELinux, as far as its programs say.
mkdir -p /etc/selinux
printf '# SELINUX=disabled\nSELINUX=permissive\nSELINUXTYPE=targeted\n' >/etc/selinux/config

# Programs that are not Debian's, or too large: they say what the real ones say.
fake() { cat >"/usr/local/bin/$1"; chmod 755 "/usr/local/bin/$1"; }
fake getenforce <<'R'
#!/bin/sh
echo Permissive
R
fake semodule <<'R'
#!/bin/sh
printf 'base\t1.2\nfoo\t1.0.1\nfoobar\t2.0\tDisabled\n'
R
fake php <<'R'
#!/bin/sh
[ "$1" = -m ] && { printf '[PHP Modules]\ncurl\njson\npdo_mysql\n'; exit; }
ini=default; [ "$1" = -c ] && { ini=$2; shift 2; }
case $* in
*memory_limit*) printf '128M' ;;
*max_execution_time*) [ "$ini" = default ] && printf 30 || printf 60 ;;
*display_errors*) printf '' ;;
*precision*) printf '%s' -1 ;;
*extension_loaded*curl*) exit 0 ;;
*extension_loaded*) exit 1 ;;
esac
R
fake docker <<'R'
#!/bin/sh
[ "$1" = inspect ] || { echo "unknown" >&2; exit 2; }
case $2 in
up) echo '[{"Id": "abc", "State": {"Running": true, "Pid": 42}, "HostConfig": {"Binds": ["/a:/b", "/c:/d:ro"]}, "Mounts": [{"Source": "/a", "Destination": "/b"}], "Config": {"Env": ["A=1"], "Cmd": null}}]' ;;
down) echo '[{"Id": "def", "State": {"Running": false}, "HostConfig": {"Binds": null}, "Config": {}}]' ;;
image) echo '[{"Id": "img", "Architecture": "amd64", "Config": {"Cmd": ["nginx", "-g"], "ExposedPorts": {"80/tcp": {}}}}]' ;;
*) echo '[]'; echo "Error: No such object: $2" >&2; exit 1 ;;
esac
R
fake npm <<'R'
#!/bin/sh
[ "$2" = left-pad ] && { printf '/usr/lib\n`-- left-pad@1.3.0\n'; exit 0; }
printf '/usr/lib\n`-- (empty)\n'; exit 1
R
fake pip3 <<'R'
#!/bin/sh
printf 'Package Version\nansible-core 2.14.3\nRequests 2.28.1\n'
R
cp /usr/local/bin/pip3 /usr/local/bin/pip; cp /usr/local/bin/pip3 /usr/local/bin/pip2
fake pecl <<'R'
#!/bin/sh
printf 'Installed packages:\nPACKAGE VERSION STATE\nredis   5.3.7   stable\n'
R
cp /usr/local/bin/pecl /usr/local/bin/pear
fake cpan <<'R'
#!/bin/sh
printf 'JSON::PP\t4.07\nURI\t5.12\n'
R
fake rvm <<'R'
#!/bin/sh
printf 'rvm rubies\n\n=* ruby-2.7.1 [ x86_64 ]\n'
R
fake supervisorctl <<'R'
#!/bin/sh
case $2 in up) echo 'up RUNNING pid 1' ;; *) echo "$2 STOPPED" ;; esac
R
fake god <<'R'
#!/bin/sh
[ "$2" = up ]
R
fake monit <<'R'
#!/bin/sh
printf "Process 'up'\n  status                            Running\n  monitoring status                 Monitored\n\nProcess 'down'\n  status                            Not monitored\n  monitoring status                 Not monitored\n\n"
R
fake svstat <<'R'
#!/bin/sh
case $1 in */up) echo "$1: up (pid 1) 5 seconds" ;; *) echo "$1: down 5 seconds"; esac
R
fake sv <<'R'
#!/bin/sh
case $2 in up) echo "run: up: (pid 1) 5s" ;; *) echo "down: $2: 5s"; exit 3; esac
R
fake initctl <<'R'
#!/bin/sh
case $2 in up) echo 'up start/running, process 1' ;; *) echo "$2 stop/waiting" ;; esac
R
mkdir -p /etc/service/up /etc/sv/up /etc/init; : >/etc/init/up.conf
fake cgget <<'R'
#!/bin/sh
case $* in *cpuset.cpus*) echo 'cpuset.cpus: 0-1' ;; *shares*) echo 'cpu.shares: 512' ;; *) exit 1 ;; esac
R
fake mysqld <<'R'
#!/bin/sh
printf 'port                      3306\ninnodb-buffer-pool-size   134217728\nsocket                    /run/mysqld/mysqld.sock\n'
R
cat >/sbin/auditctl <<'R'
#!/bin/sh
case $1 in
-s) printf 'enabled 1\nfailure 1\npid 123\n' ;;
-l) printf -- '-w /etc/passwd -p wa -k passwd\n-a always,exit -F arch=b64 -S mount -k mounts\n' ;;
esac
R
chmod 755 /sbin/auditctl
fake nslookup <<'R'
#!/bin/sh
case $2 in *known*) printf 'Server: 1.1.1.1\nAddress: 1.1.1.1#53\n\nName: known.example.com\nAddress: 10.9.9.9\n' ;; *) printf "** server can't find $2: NXDOMAIN\n"; exit 1 ;; esac
R
fake lxc-ls <<'R'
#!/bin/sh
echo box
R
fake lxc-info <<'R'
#!/bin/sh
echo 'State: RUNNING'
R
fake virsh <<'R'
#!/bin/sh
echo guest
R
fake noisy <<'R'
#!/bin/sh
echo out; echo err >&2; exit 3
R
exit 0
