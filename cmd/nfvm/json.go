package main

import (
	"errors"
	"io"

	"nfvm/bytecode"
	"nfvm/listing"
)

func writeJSON(io.Writer, *bytecode.Program, *listing.Options) error {
	return errors.New("--json: JSON listings are not supported")
}
