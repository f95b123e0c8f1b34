package conformance

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// featureID is the form of a feature's name: the part it belongs to, and a
// number within it.
var featureID = regexp.MustCompile(`^[A-Z]{1,2}-\d{3}$`)

// Features lists, for every feature that the cases of a directory prove, the
// names of these cases in alphabetic order. A case names its features in a
// line of its comment, which may be followed by others:
//
//	features: K-012 N-003
func Features(dir string) (map[string][]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	proved := map[string][]string{}
	for _, path := range paths {
		c, err := ReadCase(path)
		if err != nil {
			return nil, err
		}
		ids, err := c.Features()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, id := range ids {
			proved[id] = append(proved[id], c.Name)
		}
	}
	return proved, nil
}

// Features lists what the case proves, as its comment says.
func (c *Case) Features() ([]string, error) {
	var ids []string
	for _, l := range lines(c.Comment) {
		list, ok := strings.CutPrefix(l, "features:")
		if !ok {
			continue
		}
		for _, id := range strings.Fields(list) {
			if !featureID.MatchString(id) {
				return nil, fmt.Errorf("features: %q is not the name of a feature, such as K-012", id)
			}
			if slices.Contains(ids, id) {
				return nil, fmt.Errorf("features: %s is named twice", id)
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}
