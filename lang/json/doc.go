// Package json reads rulesets in the JSON of libnftables (schema version 1, what
// `nft -j list ruleset` prints and `nft -j -f` takes).
//
// Each command is written as text of the nft language, and that text is parsed;
// so JSON means what its text means. Mistakes are shown in that text, with the
// place of the command in the JSON file above it.
package json
