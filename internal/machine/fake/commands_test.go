package fake_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// Each line runs in a fresh directory /srv/NAME of one machine.
func TestCommands(t *testing.T) {
	t.Parallel()
	b := newBench(t, fake.Config{})
	c := b.start()
	tests := []struct{ name, line, want string }{
		{"chmod", `touch a; chmod 4750 a; stat -c %a a; chmod u-s,g+w,o=r a; stat -c %a a; chmod +x a; stat -c %a a; mkdir d; touch d/f; chmod -R a-r,u=rwX d; stat -c '%a' d d/f`, "4750\n774\n775\n711\n600\n"},
		{"rm", `touch a b; mkdir d; rm a; rm -f nothing; rm d; rm -r d; rm nothing; ls`, "rm: d: is a directory\nrm: lstat /srv/rm/nothing: no such file or directory\nb\n"},
		{"mv", `echo 1 > a; mkdir d; mv a d; mv d/a d/b; mv d e; cat e/b; mv nothing x`, "1\nmv: rename /srv/mv/nothing: no such file or directory\n[1]"},
		{"cp", `mkdir -p a/b; echo 1 > a/b/c; chmod 700 a/b/c; ln -s c a/b/l; cp a x; cp -r a x; cp -r a x; cat x/b/l x/a/b/c; stat -c '%a %F' x/b/c x/b/l; cp a/b/c .; cat c`, "cp: /srv/cp/a: is a directory\n1\n1\n700 regular file\n777 symbolic link\n1\n"},
		{"ln", `echo 1 > a; ln -s a l; ln -s b l; ln -sf b l; readlink l; cat l`, "ln: symlink /srv/ln/l: file exists\nb\ncat: open /srv/ln/l: no such file or directory\n[1]"},
		{"loop", `ln -s b a; ln -s a b; cat a`, "cat: open /srv/loop/a: too many levels of symbolic links\n[1]"},
		{"mkdir", `mkdir a/b; mkdir -p a/b a/b; mkdir -m 700 c; mkdir a; stat -c %a c; rmdir a/b a; ls`, "mkdir: mkdir /srv/mkdir/a/b: no such file or directory\nmkdir: mkdir /srv/mkdir/a: file exists\n700\nc\n"},
		{"ls", `mkdir d; touch d/x .h b a; ls; ls -A; ls -d d; ls d/*; ls no`, "a\nb\nd\n.h\na\nb\nd\nd\nd/x\nls: lstat /srv/ls/no: no such file or directory\n[2]"},
		{"install", `echo x > a; install -m 640 -o root a b; install -d c/d; stat -c '%a %F' b c/d`, "640 regular file\n755 directory\n"},
		{"mktemp", `f=$(mktemp); d=$(mktemp -d); [ -f $f ] && [ -d $d ] && [ $f != $d ] && stat -c %a $f $d; rm -r $f $d`, "600\n700\n"},
		{"tar", `mkdir -p a/b; echo 1 > a/b/c; chmod 700 a/b; ln -s c a/b/l; mkdir x y; tar -C a -cf - . | tar -xf - -C x; tar czf z.tgz a; tar xzf z.tgz -C y; cat x/b/l y/a/b/c; stat -c %a y/a/b`, "1\n1\n700\n"},
		{"grep", `printf 'one\ntwo\n' > f; grep -q one f && grep -c o f; grep -v o f; grep -x on f; grep -iE 'T(W|X)O' f; cat f | grep -F o`, "2\ntwo\none\ntwo\n"},
		{"text", `printf 'c\na\nb\na\n' > f; sort f | uniq | head -n 2; tail -n 1 f; wc -l f; echo abc | tr a-z A-Z; echo x | tee g; cat g; printf x | sha256sum`, "a\nb\na\n4\nABC\nx\nx\n2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  -\n"},
		{"env", `A=1 env B=2 sh -c 'echo $A$B'; env -i PATH=/bin sh -c 'echo [$HOME]'; env -u HOME sh -c 'echo [$HOME]'; A=3; sh -c 'echo [$A]'`, "12\n[]\n[]\n[]\n"},
		{"sh", `echo 'echo $0 $#: $1' > s; sh s a b; sh -c 'echo $0 $1' n m; echo 'echo in' | sh; sh -ec 'false; echo no' || echo yes; chmod +x s; ./s c; sh nothing`, "s 2: a\nn m\nin\nyes\n./s 1: c\nsh: open /srv/sh/nothing: no such file or directory\n[127]"},
		{"absolute", `/bin/echo a; /usr/bin/test -e /etc && /bin/sh -c 'echo b'; /opt/echo c`, "a\nb\nsh: /opt/echo: not found\n[127]"},
		{"scripts", `echo x > plain; ./plain; printf '#!/no/such\n' > bad; chmod +x bad; ./bad; printf '\177ELF\0' > elf; chmod +x elf; ./elf; mkdir d; ./d`, "sh: ./plain: Permission denied\nsh: /srv/scripts/bad: /no/such: bad interpreter\nsh: /srv/scripts/elf: Exec format error\nsh: ./d: Is a directory\n[126]"},
		{"path", `printf '#!/bin/sh\necho mine $1\n' > /usr/local/bin/ls; chmod +x /usr/local/bin/ls; ls x; which ls; command -v cat; rm /usr/local/bin/ls; command -v no-such`, "mine x\n/usr/local/bin/ls\n/usr/bin/cat\n[1]"},
		{"redirect", `umask 077; echo a > f; echo b >> f; cat < f; echo c > no/f; stat -c %a f; cat <<E
in $((1+1))
E`, "a\nb\nopen /srv/redirect/no/f: no such file or directory\n644\nin 2\n"},
		{"sudo", `sudo -u guest id -un; sudo -n A=1 sh -c 'id -un; echo $A'; whoami; id -u`, "guest\nroot\n1\nroot\n0\n"},
		{"syntax", `if true; then`, "sh: sh:2:10: `then` must be followed by a statement list\n[2]"},
		{"names", `basename /a/b.c .c; dirname /a/b; seq 2 3; uname; sleep 0.001 0; sleep x`, "b\n/a\n2\n3\nLinux\n" + `sleep: time: invalid duration "xs"` + "\n[1]"},
	}
	for _, tt := range tests {
		got := sh(t, c, "mkdir /srv/"+tt.name+" && cd /srv/"+tt.name+" || exit 99\n"+tt.line)
		if got != tt.want {
			t.Errorf("%s: %s\n got %q\nwant %q", tt.name, tt.line, got, tt.want)
		}
	}
}
