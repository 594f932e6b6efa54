package network

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// Forwarded tells why the host's own packet filter would drop what machines send
// outwards, and what to do; nil when it would not, or cannot be read.
//
// A table of a machine's own cannot accept what another drops: a verdict to accept
// ends only the chain that it stands in, and one to drop ends everything.
func Forwarded(ctx context.Context) error {
	text, err := exec.CommandContext(ctx, "nft", "list", "ruleset").Output()
	if err == nil {
		if chain := dropping(string(text)); chain != "" {
			return dropped(chain)
		}
	}
	// What the older iptables sets is not seen by nft.
	names, err := os.ReadFile("/proc/net/ip_tables_names")
	if err != nil || !strings.Contains("\n"+string(names), "\nfilter\n") {
		return nil
	}
	text, err = exec.CommandContext(ctx, "iptables-legacy", "-S").Output()
	if err == nil && strings.Contains(string(text), "-P FORWARD DROP\n") && !strings.Contains(string(text), " "+wildcard+" ") {
		return dropped("chain FORWARD of iptables-legacy")
	}
	return nil
}

// wildcard is how iptables calls all links of machines.
const wildcard = "pm+"

func dropped(chain string) error {
	return errors.New(chain + " drops what it does not accept by name (Docker and ufw set this), and so what machines send outwards: " +
		"iptables -I FORWARD -i " + wildcard + " -j ACCEPT; iptables -I FORWARD -o " + wildcard +
		" -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT")
}

var (
	tableLine = regexp.MustCompile(`^table (\S+ \S+) \{`)
	chainLine = regexp.MustCompile(`^\s+chain (\S+) \{`)
	baseLine  = regexp.MustCompile(`^\s+type filter hook forward .*policy drop;`)
)

// dropping names the first chain of an nft ruleset that drops what is forwarded
// unless a rule accepts it, where no rule names the links of machines.
func dropping(ruleset string) string {
	var table, chain, found string
	for line := range strings.Lines(ruleset) {
		if m := tableLine.FindStringSubmatch(line); m != nil {
			table = m[1]
		} else if m := chainLine.FindStringSubmatch(line); m != nil {
			chain = m[1]
		} else if baseLine.MatchString(line) && found == "" {
			found = fmt.Sprintf("chain %s of table %s", chain, table)
		}
		if strings.Contains(line, `"pm*"`) {
			return ""
		}
	}
	return found
}
