package resource

var firewallRows = []row{
	{of: one("iptables"), when: func(p Platform) bool { return p.is("redhat") && p.major() == 5 }, method: "has_rule?", params: "rule with_table with_chain",
		ask: check(func(a *asking) string { return a.table("iptables-save") + " | grep -- " + a.argq("rule") })},
	{of: one("iptables"), method: "has_rule?", params: "rule with_table with_chain", ask: check(func(a *asking) string { return a.rules("iptables") })},
	{of: one("ip6tables"), method: "has_rule?", params: "rule with_table with_chain", ask: check(func(a *asking) string {
		return a.rules("ip6tables") + " || " + a.table("ip6tables-save") + " | grep -- " + a.argq("rule")
	})},
}

func (a *asking) table(program string) string {
	if a.has("with_table") {
		program += " -t " + a.argq("with_table")
	}
	return program
}

func (a *asking) rules(program string) string {
	line := a.table(program) + " -S"
	if a.has("with_chain") {
		line += " " + a.argq("with_chain")
	}
	return line + " | grep -- " + a.argq("rule")
}
