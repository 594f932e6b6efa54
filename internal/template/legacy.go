package template

func (l *loader) legacy(t *text) error { return nil }
