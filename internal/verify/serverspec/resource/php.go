package resource

import "regexp"

var phpRows = []row{
	{of: one("php_config"), method: "value", ask: func(a *asking) Value {
		extra := ""
		if ini := a.r.Options.get("ini"); ini != nil {
			extra = "-c " + Text(ini)
		}
		return number(a.stdout("php " + extra + ` -r 'echo get_cfg_var( "` + a.plain() + `" );'`))
	}},
	{of: one("php_extension"), method: "loaded?", ask: check(func(a *asking) string { return "php --ri '" + a.plain() + "'" })},
	{of: one("mysql_config"), method: "value", ask: mysqlValue},
}

// mysqlValue takes what follows the name, which is a regular expression.
func mysqlValue(a *asking) Value {
	out := a.stdout("mysqld --verbose --help 2> /dev/null | grep '^" + a.plain() + "'")
	if a.dry || a.settled() {
		return nil
	}
	re, err := regexp.Compile(a.plain() + `\s+(.+)`)
	if err != nil {
		re = regexp.MustCompile(regexp.QuoteMeta(a.plain()) + `\s+(.+)`)
	}
	m := re.FindStringSubmatch(out)
	if m == nil {
		return a.raise("NoMethodError", "undefined method `[]' for nil:NilClass")
	}
	return number(m[len(m)-1])
}
