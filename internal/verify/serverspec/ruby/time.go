package ruby

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Time is a Time.
type Time struct{ t time.Time }

// NewTime makes a Time.
func NewTime(t time.Time) *Time { return &Time{t} }

// Time is the Go time.
func (t *Time) Time() time.Time { return t.t }

func (in *Interp) bootTime() {
	k := in.time
	now := func(c *Call) (Value, error) {
		t, err := in.world.Now(in.Place("Now"))
		return &Time{t}, in.worldError(err, "")
	}
	k.DefineSingleton("now", 0, -1, now)
	civil := func(name string, utc bool) {
		k.DefineSingleton(name, 0, -1, func(c *Call) (Value, error) {
			c.passed()
			if !c.Has(0) {
				return now(c)
			}
			loc := time.UTC
			if !utc {
				t, err := in.world.Now(in.Place("Now"))
				if err != nil {
					return nil, in.worldError(err, "")
				}
				loc = t.Location()
			}
			parts := [6]int{0, 1, 1, 0, 0, 0}
			nanos := 0
			for i := range min(len(c.Args), 6) {
				switch v := c.Args[i].(type) {
				case *String:
					n, _ := in.parseInteger(v.String(), 10, false)
					parts[i] = c.int(n)
				case Float:
					parts[i] = int(v)
					nanos = int(math.Round((float64(v) - math.Floor(float64(v))) * 1e9))
				case Nil:
				default:
					parts[i] = c.int(v)
				}
			}
			if s, ok := c.Arg(6).(*String); ok && name == "new" {
				var err error
				if loc, err = in.zone(s.String()); err != nil {
					return nil, err
				}
			}
			if parts[1] < 1 || parts[1] > 12 {
				return nil, in.Raise("ArgumentError", "mon out of range")
			}
			if parts[2] < 1 || parts[2] > 31 || parts[3] > 24 || parts[4] > 59 || parts[5] > 60 {
				return nil, in.Raise("ArgumentError", "argument out of range")
			}
			return &Time{time.Date(parts[0], time.Month(parts[1]), parts[2], parts[3], parts[4], parts[5], nanos, loc)}, nil
		})
	}
	civil("new", false)
	civil("local", false)
	civil("mktime", false)
	civil("utc", true)
	civil("gm", true)
	k.DefineSingleton("at", 1, -1, func(c *Call) (Value, error) {
		if t, ok := c.Args[0].(*Time); ok {
			return t, nil
		}
		zone, err := in.world.Now(in.Place("Now"))
		if err != nil {
			return nil, in.worldError(err, "")
		}
		whole, fraction := math.Modf(c.Float(0))
		return &Time{time.Unix(int64(whole), int64(math.Round(fraction*1e9))).In(zone.Location())}, nil
	})
	in.timeParts(k)
	in.timeArithmetic(k)
	in.timeText(k)
	in.timeParsing(k)
}

func (in *Interp) zone(s string) (*time.Location, error) {
	if s == "UTC" || s == "Z" {
		return time.UTC, nil
	}
	for _, layout := range []string{"-07:00", "-0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			_, off := t.Zone()
			return time.FixedZone("", off), nil
		}
	}
	return nil, in.Raise("ArgumentError", `"+HH:MM", "-HH:MM", "UTC" or "A".."I","K".."Z" expected for utc_offset: %s`, s)
}

func (in *Interp) timeParts(k *Class) {
	number := func(get func(t time.Time) int, names ...string) {
		for _, name := range names {
			k.Define(name, 0, 0, on(func(c *Call, t *Time) (Value, error) { return Int(get(t.t)), nil }))
		}
	}
	number(time.Time.Year, "year")
	number(func(t time.Time) int { return int(t.Month()) }, "month", "mon")
	number(time.Time.Day, "day", "mday")
	number(time.Time.Hour, "hour")
	number(time.Time.Minute, "min")
	number(time.Time.Second, "sec")
	number(time.Time.Nanosecond, "nsec", "tv_nsec")
	number(func(t time.Time) int { return t.Nanosecond() / 1000 }, "usec", "tv_usec")
	number(func(t time.Time) int { return int(t.Weekday()) }, "wday")
	number(time.Time.YearDay, "yday")
	number(func(t time.Time) int { return int(t.Unix()) }, "to_i", "tv_sec")
	number(func(t time.Time) int { _, off := t.Zone(); return off }, "utc_offset", "gmt_offset", "gmtoff")
	for d := time.Sunday; d <= time.Saturday; d++ {
		k.Define(strings.ToLower(d.String())+"?", 0, 0, on(func(c *Call, t *Time) (Value, error) { return Bool(t.t.Weekday() == d), nil }))
	}
	k.Define("to_f", 0, 0, on(func(c *Call, t *Time) (Value, error) { return Float(float64(t.t.UnixNano()) / 1e9), nil }))
	k.Define("to_r", 0, 0, on(func(c *Call, t *Time) (Value, error) { return nil, in.unsupported("Rational") }))
	k.Define("zone", 0, 0, on(func(c *Call, t *Time) (Value, error) {
		name, _ := t.t.Zone()
		if name == "" {
			return Nil{}, nil
		}
		return Str(name), nil
	}))
	k.Define("utc?", 0, 0, on(func(c *Call, t *Time) (Value, error) { return Bool(t.t.Location() == time.UTC), nil }))
	k.Alias("gmt?", "utc?")
	for _, name := range []string{"utc", "getutc", "gmtime", "getgm"} {
		k.Define(name, 0, 0, on(func(c *Call, t *Time) (Value, error) {
			if strings.HasPrefix(name, "get") {
				return &Time{t.t.UTC()}, nil
			}
			t.t = t.t.UTC()
			return t, nil
		}))
	}
	for _, name := range []string{"localtime", "getlocal"} {
		k.Define(name, 0, 1, on(func(c *Call, t *Time) (Value, error) {
			zone, err := in.world.Now(in.Place("Now"))
			if err != nil {
				return nil, in.worldError(err, "")
			}
			loc := zone.Location()
			if s, ok := c.Arg(0).(*String); ok {
				if loc, err = in.zone(s.String()); err != nil {
					return nil, err
				}
			}
			return &Time{t.t.In(loc)}, nil
		}))
	}
	k.Define("to_a", 0, 0, on(func(c *Call, t *Time) (Value, error) { return nil, in.unsupported("Time#to_a") }))
	k.Define("to_time", 0, 0, on(func(c *Call, t *Time) (Value, error) { return t, nil }))
}

func (in *Interp) timeArithmetic(k *Class) {
	seconds := func(c *Call) time.Duration { return time.Duration(math.Round(c.Float(0) * 1e9)) }
	k.Define("+", 1, 1, on(func(c *Call, t *Time) (Value, error) { return &Time{t.t.Add(seconds(c))}, nil }))
	k.Define("-", 1, 1, on(func(c *Call, t *Time) (Value, error) {
		if o, ok := c.Args[0].(*Time); ok {
			return Float(float64(t.t.Sub(o.t)) / 1e9), nil
		}
		return &Time{t.t.Add(-seconds(c))}, nil
	}))
	k.Define("<=>", 1, 1, on(func(c *Call, t *Time) (Value, error) {
		if o, ok := c.Args[0].(*Time); ok {
			return Int(t.t.Compare(o.t)), nil
		}
		return Nil{}, nil
	}))
	k.Define("==", 1, 1, on(func(c *Call, t *Time) (Value, error) {
		o, ok := c.Args[0].(*Time)
		return Bool(ok && t.t.Equal(o.t)), nil
	}))
	k.Define("hash", 0, 0, on(func(c *Call, t *Time) (Value, error) { return Int(t.t.UnixNano() >> 1), nil }))
	for _, name := range []string{"round", "floor"} {
		k.Define(name, 0, 1, on(func(c *Call, t *Time) (Value, error) {
			unit := time.Duration(math.Pow10(9 - min(9, max(0, c.OptInt(0, 0)))))
			if name == "floor" {
				return &Time{t.t.Truncate(unit)}, nil
			}
			return &Time{t.t.Round(unit)}, nil
		}))
	}
}

func (in *Interp) timeText(k *Class) {
	def := func(name, format string) {
		k.Define(name, 0, 1, on(func(c *Call, t *Time) (Value, error) { return Str(strftime(t.t, format)), nil }))
	}
	k.Define("strftime", 1, 1, on(func(c *Call, t *Time) (Value, error) {
		if err := in.reserve(int64(len(c.Str(0)))); err != nil {
			return nil, err
		}
		return c.Text(strftime(t.t, c.Str(0))), nil
	}))
	k.Define("to_s", 0, 0, on(func(c *Call, t *Time) (Value, error) {
		if t.t.Location() == time.UTC {
			return Str(strftime(t.t, "%Y-%m-%d %H:%M:%S UTC")), nil
		}
		return Str(strftime(t.t, "%Y-%m-%d %H:%M:%S %z")), nil
	}))
	k.Define("inspect", 0, 0, on(func(c *Call, t *Time) (Value, error) {
		text := strftime(t.t, "%Y-%m-%d %H:%M:%S")
		if n := t.t.Nanosecond(); n != 0 {
			text += strings.TrimRight(fmt.Sprintf(".%09d", n), "0")
		}
		if t.t.Location() == time.UTC {
			return Str(text + " UTC"), nil
		}
		return Str(text + strftime(t.t, " %z")), nil
	}))
	def("ctime", "%a %b %e %H:%M:%S %Y")
	def("asctime", "%a %b %e %H:%M:%S %Y")
	def("httpdate", "%a, %d %b %Y %H:%M:%S GMT")
	def("rfc2822", "%a, %d %b %Y %H:%M:%S %z")
	for _, name := range []string{"iso8601", "xmlschema"} {
		k.Define(name, 0, 1, on(func(c *Call, t *Time) (Value, error) {
			text := strftime(t.t, "%Y-%m-%dT%H:%M:%S")
			if n := c.OptInt(0, 0); n > 0 {
				text += "." + fmt.Sprintf("%09d", t.t.Nanosecond())[:min(n, 9)]
			}
			if t.t.Location() == time.UTC {
				return Str(text + "Z"), nil
			}
			return Str(text + strftime(t.t, "%:z")), nil
		}))
	}
}

// strftime formats as Ruby's does, flags and widths included.
func strftime(t time.Time, format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		start := i
		flags, width, colons := "", 0, 0
		for i++; i < len(format) && strings.IndexByte("-0^#_:", format[i]) >= 0; i++ {
			if format[i] == ':' {
				colons++
			}
			flags += string(format[i])
		}
		for ; i < len(format) && format[i] >= '0' && format[i] <= '9' && width < 1000; i++ {
			width = width*10 + int(format[i]-'0')
		}
		if i >= len(format) {
			b.WriteString(format[start:])
			break
		}
		text, pad, natural, ok := timeField(t, format[i], colons, width)
		if !ok {
			b.WriteString(format[start : i+1])
			continue
		}
		if strings.Contains(flags, "_") {
			pad = ' '
		}
		if strings.Contains(flags, "0") {
			pad = '0'
		}
		if width == 0 {
			width = natural
		}
		if !strings.Contains(flags, "-") {
			for len(text) < min(width, 1000) {
				text = string(pad) + text
			}
		}
		if strings.Contains(flags, "^") {
			text = strings.ToUpper(text)
		}
		if strings.Contains(flags, "#") {
			text = swapField(text, format[i])
		}
		b.WriteString(text)
	}
	return b.String()
}

func swapField(s string, field byte) string {
	if field == 'p' {
		return strings.ToLower(s)
	}
	return strings.ToUpper(s)
}

// timeField is one field: its text, what pads it, and to which width without being told.
func timeField(t time.Time, field byte, colons, width int) (text string, pad byte, natural int, ok bool) {
	num := func(n, w int) (string, byte, int, bool) { return strconv.Itoa(n), '0', w, true }
	str := func(s string) (string, byte, int, bool) { return s, ' ', 0, true }
	hour12 := (t.Hour()+11)%12 + 1
	switch field {
	case 'Y':
		return num(t.Year(), 0)
	case 'C':
		return num(t.Year()/100, 2)
	case 'y':
		return num(t.Year()%100, 2)
	case 'm':
		return num(int(t.Month()), 2)
	case 'B':
		return str(t.Month().String())
	case 'b', 'h':
		return str(t.Month().String()[:3])
	case 'd':
		return num(t.Day(), 2)
	case 'e':
		return strconv.Itoa(t.Day()), ' ', 2, true
	case 'j':
		return num(t.YearDay(), 3)
	case 'H':
		return num(t.Hour(), 2)
	case 'k':
		return strconv.Itoa(t.Hour()), ' ', 2, true
	case 'I':
		return num(hour12, 2)
	case 'l':
		return strconv.Itoa(hour12), ' ', 2, true
	case 'M':
		return num(t.Minute(), 2)
	case 'S':
		return num(t.Second(), 2)
	case 'L', 'N':
		digits := width
		if digits == 0 {
			digits = map[byte]int{'L': 3, 'N': 9}[field]
		}
		nanos := fmt.Sprintf("%09d", t.Nanosecond()) + strings.Repeat("0", max(0, digits-9))
		return str(nanos[:digits])
	case 'p':
		return str(t.Format("PM"))
	case 'P':
		return str(strings.ToLower(t.Format("PM")))
	case 'A':
		return str(t.Weekday().String())
	case 'a':
		return str(t.Weekday().String()[:3])
	case 'u':
		return num((int(t.Weekday())+6)%7+1, 0)
	case 'w':
		return num(int(t.Weekday()), 0)
	case 'G', 'g', 'V':
		year, week := t.ISOWeek()
		switch field {
		case 'G':
			return num(year, 0)
		case 'g':
			return num(year%100, 2)
		}
		return num(week, 2)
	case 'U':
		return num((t.YearDay()+6-int(t.Weekday()))/7, 2)
	case 'W':
		return num((t.YearDay()+6-(int(t.Weekday())+6)%7)/7, 2)
	case 's':
		return num(int(t.Unix()), 0)
	case 'z':
		return str(t.Format([]string{"-0700", "-07:00", "-07:00:00"}[min(colons, 2)]))
	case 'Z':
		name, _ := t.Zone()
		return str(name)
	case 'n':
		return str("\n")
	case 't':
		return str("\t")
	case '%':
		return str("%")
	}
	combined := map[byte]string{
		'D': "%m/%d/%y", 'F': "%Y-%m-%d", 'T': "%H:%M:%S", 'X': "%H:%M:%S", 'R': "%H:%M", 'r': "%I:%M:%S %p",
		'c': "%a %b %e %H:%M:%S %Y", 'x': "%m/%d/%y", 'v': "%e-%^b-%Y", '+': "%a %b %e %H:%M:%S %Z %Y",
	}
	if f, ok := combined[field]; ok {
		return str(strftime(t, f))
	}
	return "", 0, 0, false
}

// timeParsing is what require "time" adds.
func (in *Interp) timeParsing(k *Class) {
	parse := func(c *Call) (Value, error) {
		zone, err := in.world.Now(in.Place("Now"))
		if err != nil {
			return nil, in.worldError(err, "")
		}
		if t, ok := parseTime(c.Str(0), zone); ok {
			return &Time{t}, nil
		}
		return nil, in.Raise("ArgumentError", "no time information in %s", inspectString(c.Str(0), false))
	}
	for _, name := range []string{"parse", "iso8601", "rfc2822", "httpdate", "xmlschema"} {
		k.DefineSingleton(name, 1, 2, parse)
	}
	k.DefineSingleton("strptime", 2, 2, func(c *Call) (Value, error) { return nil, in.unsupported("Time.strptime") })
}

// parseTime reads the forms of date and time that programs print.
func parseTime(s string, now time.Time) (time.Time, bool) {
	s = strings.Join(strings.Fields(s), " ")
	loc := now.Location()
	dates := []string{"2006-01-02", "2006/01/02", "2 Jan 2006", "Jan 2 2006", "Jan 2, 2006", "Mon, 2 Jan 2006", "Mon Jan 2 2006", "20060102"}
	times := []string{"", "15:04:05", "15:04", "15:04:05.999999999", "3:04 PM", "3:04:05 PM"}
	zones := []string{"", " -0700", " -07:00", " MST", "Z07:00", "-0700"}
	for _, d := range dates {
		for _, sep := range []string{" ", "T"} {
			for _, h := range times {
				for _, z := range zones {
					layout := d
					if h != "" {
						layout += sep + h + z
					}
					if t, err := time.ParseInLocation(layout, s, loc); err == nil {
						return t, true
					}
				}
			}
		}
	}
	for _, layout := range []string{"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 MST 2006", "Jan 2 15:04:05 2006 MST", "Jan 2 15:04:05 2006"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, true
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc), true
		}
	}
	return time.Time{}, false
}

// rand is Kernel#rand.
func (in *Interp) rand(c *Call) (Value, error) {
	switch v := c.Arg(0).(type) {
	case Int:
		if v != 0 {
			n, err := in.random(int(max(v, -v)))
			return Int(n), err
		}
	case Float:
		if int(v) > 0 {
			n, err := in.random(int(v))
			return Int(n), err
		}
	case *Range:
		lo, hi := c.int(v.Lo), c.int(v.Hi)
		if v.Exclusive {
			hi--
		}
		if hi < lo {
			return Nil{}, nil
		}
		n, err := in.random(hi - lo + 1)
		return Int(lo + n), err
	}
	n, err := in.random(1 << 53)
	return Float(float64(n) / (1 << 53)), err
}

// random is a random number below n.
func (in *Interp) random(n int) (int, error) {
	b, err := in.world.Random(in.Place("Random"), 16)
	if err != nil {
		return 0, in.worldError(err, "")
	}
	return int(new(big.Int).Mod(new(big.Int).SetBytes(b), big.NewInt(int64(n))).Int64()), nil
}
