package ruby

// numbered is n for the numbered parameter _n of a block, and 0 for any other name.
func numbered(name string) int {
	if len(name) == 2 && name[0] == '_' && name[1] >= '1' && name[1] <= '9' {
		return int(name[1] - '0')
	}
	return 0
}
