package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/template"
)

func newInit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init [flags] TEMPLATE|DIR",
		Short: "Tell whether the plugins that a template requires are built in",
		Long: `Tell whether the plugins that a template requires are built in: there is nothing to
install. Exit status 1 when one is not a part of this program, since its kinds will be
unknown; validate tells where they are used.`,
		Args: takes(1, 1, "which template"),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := requiredPlugins(args[0])
			if err != nil {
				return err
			}
			if err := missingPlugins(all); err != nil {
				return err
			}
			text := "Nothing to install: the template requires no plugins."
			if len(all) > 0 {
				text = "Nothing to install: " + strings.Join(pluginNames(all), ", ") + " " + isOrAre(len(all)) + " built in."
			}
			screenOf(cmd).say(text)
			return nil
		},
	}
	cmd.Flags().Bool("upgrade", false, "no meaning: plugins come with the program")
	cmd.Flags().Bool("force", false, "no meaning: plugins come with the program")
	return cmd
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func newPlugins() *cobra.Command {
	return group(&cobra.Command{Use: "plugins", Short: "Show the plugins: all are built in",
		Long: "Show the plugins. All are built in: none is installed or removed."},
		newPluginsInstalled(), newPluginsRequired(), newPluginsChange("install", "Nothing is installed: all plugins are built in"),
		newPluginsChange("remove", "Nothing is removed: all plugins are built in"))
}

func newPluginsInstalled() *cobra.Command {
	return &cobra.Command{
		Use: "installed", Short: "List the kinds that are built in", Args: takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s := screenOf(cmd)
			c := components()
			for _, l := range []struct {
				what string
				list []template.Component
			}{{"builder", c.Sources}, {"provisioner", c.Provisioners}, {"post-processor", c.PostProcessors}, {"data source", c.Data}} {
				for _, x := range l.list {
					s.say("built in: " + l.what + " " + x.Name)
				}
			}
			return nil
		},
	}
}

func newPluginsRequired() *cobra.Command {
	return &cobra.Command{
		Use: "required TEMPLATE|DIR", Short: "List the plugins that a template requires", Args: takes(1, 1, "which template"),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := requiredPlugins(args[0])
			if err != nil {
				return err
			}
			s := screenOf(cmd)
			for _, p := range all {
				where := "built in"
				if !builtIn(p) {
					where = "not a part of this program"
				}
				s.say(strings.TrimSpace(fmt.Sprintf("%s %s %q", p.Name, p.Source, p.Version)) + " " + where)
			}
			return nil
		},
	}
}

// newPluginsChange makes a command that has nothing to do.
func newPluginsChange(name, says string) *cobra.Command {
	return &cobra.Command{
		Use: name + " PLUGIN [VERSION]", Short: says, Args: takes(1, 2, "which plugin"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := template.Plugin{Source: args[0]}
			if name == "install" && !builtIn(p) {
				return missingPlugins([]template.Plugin{p})
			}
			screenOf(cmd).say(says + ".")
			return nil
		},
	}
}

func requiredPlugins(path string) ([]template.Plugin, error) {
	out, err := template.Inspect(path, template.Options{})
	if err != nil {
		return nil, err
	}
	return out.Plugins, nil
}

// builtIn tells whether this program has a kind of the plugin.
func builtIn(p template.Plugin) bool {
	c := components()
	for _, list := range [][]template.Component{c.Sources, c.Provisioners, c.PostProcessors, c.Data} {
		if slices.ContainsFunc(list, func(x template.Component) bool { return p.Provides(x.Name) }) {
			return true
		}
	}
	return false
}

// missingPlugins is the error about those that are not built in.
func missingPlugins(all []template.Plugin) error {
	var d template.Diagnostics
	for _, p := range all {
		if builtIn(p) {
			continue
		}
		d = append(d, template.Diagnostic{Pos: p.Pos, Summary: fmt.Sprintf("plugin %s is not a part of this program, and none can be added", strings.Join(pluginNames([]template.Plugin{p}), "")),
			Detail: "its kinds are unknown here; if the template uses none of them, take it out of required_plugins"})
	}
	return d.Err()
}

func pluginNames(all []template.Plugin) (names []string) {
	for _, p := range all {
		name := p.Source
		if name == "" {
			name = p.Name
		}
		names = append(names, name)
	}
	return names
}
