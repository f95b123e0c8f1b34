//go:build !linux

package procsys

import (
	"errors"
	"os"
)

// Without Linux there is no /proc/sys.
func readAt(*os.File, string, []byte) ([]byte, error) { return nil, errors.ErrUnsupported }

func subdirectories(*os.File, string) []string { return nil }
