# Shell functions of run.sh: checks of machines.

# part_verify needs sshd and ssh, and rspec with ServerSpec.
part_verify() {
	port=$((20000 + $$ % 20000)) far=$((20001 + $$ % 20000))
	specs=$dir/specs
	mkdir -p "$specs"
	chmod 755 "$specs"
	bench/specs.sh "$specs" "$port"
	sed "s/]:$port /]:$far /" "$specs/known_hosts" >"$specs/known_hosts.far"
	$GO build -o "$dir/delay" ./bench/delay
	"$dir/delay" -rtt 20ms "127.0.0.1:$far" "127.0.0.1:$port" &
	echo $! >"$specs/delay.pid"
	by_hand "$port" known_hosts >"$specs/login"
	by_hand "$far" known_hosts.far >"$specs/login.far"

	say '500 checks of this machine (goal: 10 times faster than ServerSpec)'
	turns "proofmark: cd $specs && $pm verify spec" "serverspec: cd $specs && rspec -I spec spec"
	part_goss
	say '500 checks over SSH (goal: at most 1.5 times a log-in, the upload of the probe and the checks that are commands)'
	turns "proofmark: $(over "$port" known_hosts spec)" "log in, upload, commands: sh $specs/login" "log in alone: $(login "$port" known_hosts) true"
	say 'The same with 20 ms more of round-trip time (goal: the same)'
	turns "proofmark: $(over "$far" known_hosts.far spec)" "log in, upload, commands: sh $specs/login.far" "log in alone: $(login "$far" known_hosts.far) true"
	say '10 checks over SSH (goal: under 0.5 s)'
	turns "proofmark: $(over "$port" known_hosts ten/spec)"
	say '500 spec files of one check, of this machine (goal: under 1 s)'
	turns "proofmark: cd $specs && $pm verify many/spec"
	say 'Memory of the probe in the machine (goal: under 30 MiB)'
	turns -n 1 "500 checks: $(over "$port" known_hosts memory/spec)"
	peak
	turns -n 1 "a file of 1 GiB: $(over "$port" known_hosts large/spec)"
	peak
	[ "${SLOW_ROUNDS:-1}" != 0 ] || return 0
	say 'Beside ServerSpec: 500 checks over SSH, and with 20 ms more (goal: 100 times faster)'
	turns -n "${SLOW_ROUNDS:-1}" "proofmark: $(over "$port" known_hosts spec)" "serverspec: cd $specs && TARGET_HOST=127.0.0.1 rspec -I spec spec"
	turns -n "${SLOW_ROUNDS:-1}" "proofmark: $(over "$far" known_hosts.far spec)" "serverspec: cd $specs && TARGET_HOST=127.0.0.1 TARGET_PORT=$far rspec -I spec spec"
}

# part_goss asks what is in the 500 checks of goss, which counts each of them once.
part_goss() {
	goss=${GOSS:-$(command -v goss || true)}
	[ -n "$goss" ] || { echo '  goss: not measured (none in PATH, and GOSS names none)'; return; }
	say 'The same in the form of goss (goal: no slower than goss)'
	turns "proofmark: $pm verify $specs/goss.yaml" "goss: $goss -g $specs/goss.yaml validate"
}

over() { # PORT KNOWN SPEC: checks over SSH
	printf "cd %s && %s verify -target 'ssh://root@127.0.0.1:%s?key=%s/key&known_hosts=%s/%s' %s" "$specs" "$pm" "$1" "$specs" "$specs" "$2" "$3"
}

login() { # PORT KNOWN
	printf 'ssh -F none -i %s/key -o UserKnownHostsFile=%s/%s -p %s root@127.0.0.1' "$specs" "$specs" "$2" "$1"
}

# by_hand PORT KNOWN prints a script that uploads the probe and then runs the commands,
# over one connection and in one session.
by_hand() {
	probe=$top/internal/verify/probebin/bin/proofmark-probe-linux-$($GO env GOARCH).gz
	printf 'cat %s %s/commands | %s ' "$probe" "$specs" "$(login "$@")"
	printf "'f=\$(mktemp) && head -c %s | gzip -dc >\$f && chmod 700 \$f && sh -s; rm -f \$f'\n" "$(stat -c %s "$probe")"
}

peak() { awk '{ printf "    %-32s %8.1f MiB\n", "peak of the probe", $2 / 1024 }' "$specs/peak"; }
