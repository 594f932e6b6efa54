package hcl

import (
	"errors"
	"strings"
	"time"

	"github.com/ncruces/go-strftime"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// timeFunctions tell and take apart times. The time is that of the run's start.
func timeFunctions(now time.Time) map[string]function.Function {
	return map[string]function.Function{
		"timestamp":       text(func([]string) (string, error) { return now.Format(time.RFC3339), nil }),
		"legacy_strftime": text(func(a []string) (string, error) { return strftime.Format(a[0], now), nil }, "format"),
		"legacy_isotime": function.New(&function.Spec{
			VarParam: &function.Parameter{Name: "layout", Type: cty.String},
			Type:     function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				layout := time.RFC3339
				switch {
				case len(args) > 1:
					return cty.UnknownVal(cty.String), errors.New("at most one layout is taken")
				case len(args) == 1:
					layout = args[0].AsString()
				}
				return cty.StringVal(now.Format(layout)), nil
			},
		}),
		"rfc3339_parse": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "timestamp", Type: cty.String}},
			Type:   function.StaticReturnType(calendarType("unix", cty.Number)),
			Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
				at, err := parseTime(args[0].AsString())
				if err != nil {
					return cty.UnknownVal(t), err
				}
				return calendar(at, "unix", cty.NumberIntVal(at.Unix())), nil
			},
		}),
		"unix_timestamp_parse": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "seconds", Type: cty.Number}},
			Type:   function.StaticReturnType(calendarType("rfc3339", cty.String)),
			Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
				sec, acc := args[0].AsBigFloat().Int64()
				if acc != 0 {
					return cty.UnknownVal(t), function.NewArgError(0, errors.New("a whole number of seconds is needed"))
				}
				at := time.Unix(sec, 0).UTC()
				return calendar(at, "rfc3339", cty.StringVal(at.Format(time.RFC3339))), nil
			},
		}),
	}
}

// parseTime reads RFC 3339, which allows a space in the place of the T.
func parseTime(s string) (time.Time, error) {
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	if err != nil {
		return at, function.NewArgErrorf(0, "%q is not a time such as \"2006-01-02T15:04:05Z\"", s)
	}
	return at, nil
}

func calendarType(extra string, t cty.Type) cty.Type {
	attrs := map[string]cty.Type{"month_name": cty.String, "weekday_name": cty.String, extra: t}
	for _, n := range []string{"year", "year_day", "month", "day", "weekday", "hour", "minute", "second", "iso_year", "iso_week"} {
		attrs[n] = cty.Number
	}
	return cty.Object(attrs)
}

func calendar(at time.Time, extra string, v cty.Value) cty.Value {
	isoYear, isoWeek := at.ISOWeek()
	n := func(i int) cty.Value { return cty.NumberIntVal(int64(i)) }
	return cty.ObjectVal(map[string]cty.Value{
		"year": n(at.Year()), "year_day": n(at.YearDay()),
		"month": n(int(at.Month())), "month_name": cty.StringVal(at.Month().String()),
		"day":     n(at.Day()),
		"weekday": n(int(at.Weekday())), "weekday_name": cty.StringVal(at.Weekday().String()),
		"hour": n(at.Hour()), "minute": n(at.Minute()), "second": n(at.Second()),
		"iso_year": n(isoYear), "iso_week": n(isoWeek),
		extra: v,
	})
}
