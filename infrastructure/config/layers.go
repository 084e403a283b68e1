package config

import "errors"

// layer and layerTree are koanf providers of what is at hand.
type (
	layer     []byte
	layerTree map[string]any
)

var errNoSuchForm = errors.New("this provider has no such form")

func (l layer) ReadBytes() ([]byte, error)        { return l, nil }
func (l layer) Read() (map[string]any, error)     { return nil, errNoSuchForm }
func (t layerTree) ReadBytes() ([]byte, error)    { return nil, errNoSuchForm }
func (t layerTree) Read() (map[string]any, error) { return t, nil }

// takeRemoved takes the feeds that are null out of a layer and names them.
func takeRemoved(tree map[string]any) []string {
	feeds, _ := tree["feeds"].(map[string]any)
	var gone []string
	for _, name := range sorted(feeds) {
		if _, ok := feeds[name].(removed); ok || feeds[name] == nil {
			gone = append(gone, name)
			delete(feeds, name)
		}
	}
	return gone
}

// prune drops keys without a value: they keep what they were.
func prune(tree map[string]any) {
	for k, v := range tree {
		if v == nil {
			delete(tree, k)
		}
		if m, ok := v.(map[string]any); ok {
			prune(m)
		}
	}
}
