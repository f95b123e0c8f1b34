package control

import "encoding/json"

// A Request is a client's line.
type Request struct {
	ID     json.RawMessage `json:"id,omitempty"` // any JSON, given back
	Method string          `json:"method"`
	Params json.RawMessage `json:"params,omitempty"`
}

// A Response is a server's line: an event, or at last a result or an error.
type Response struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Event  any             `json:"event,omitempty"`
	Result any             `json:"result,omitempty"`
	Error  *Error          `json:"error,omitempty"`
}

// An Error says why a request was refused.
type Error struct {
	Message string `json:"message"`
	// Diagnostics are the mistakes in a ruleset, as nftc --json gives them.
	Diagnostics json.RawMessage `json:"diagnostics,omitempty"`
	// Missing is what was named and is not there.
	Missing *Missing `json:"missing,omitempty"`
}

// A Missing is a name that the ruleset does not have, with the one most like it
// if there is any.
type Missing struct {
	Kind    string `json:"kind"` // table, chain, set ...
	Name    string `json:"name"`
	Closest string `json:"closest,omitempty"`
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }
