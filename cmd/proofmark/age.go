package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/proofmark-build/proofmark/internal/cache"
)

// maxAgeEnv says how old layers and images may be where --cache-max-age does not.
const maxAgeEnv = "PROOFMARK_CACHE_MAX_AGE"

// maxAge is the age limit of layers and images, as cache.Options takes it.
type maxAge time.Duration

func (a *maxAge) register(fl *pflag.FlagSet) {
	fl.Var(a, "cache-max-age", "how old layers and images may be, e.g. 720h; never: no limit (default: $"+maxAgeEnv+", or 168h)")
}

func (a *maxAge) String() string {
	switch time.Duration(*a) {
	case 0:
		return ""
	case cache.NoMaxAge:
		return "never"
	}
	return time.Duration(*a).String()
}

func (a *maxAge) Type() string { return "duration" }

func (a *maxAge) Set(s string) error {
	d, err := time.ParseDuration(s)
	switch {
	case s == "never", err == nil && d == 0:
		d = cache.NoMaxAge
	case err != nil, d < 0:
		return errors.New("write a time such as 168h, or never for no limit")
	}
	*a = maxAge(d)
	return nil
}

// limit is what the command line says, or else the environment; 0 for neither.
func (a maxAge) limit() (time.Duration, error) {
	if s := os.Getenv(maxAgeEnv); a == 0 && s != "" {
		if err := a.Set(s); err != nil {
			return 0, fmt.Errorf("%s=%s: %w", maxAgeEnv, s, err)
		}
	}
	return time.Duration(a), nil
}
