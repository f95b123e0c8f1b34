//go:build !unix

package control

import (
	"errors"
	"net"
)

func listenPrivate(string) (net.Listener, error) {
	return nil, errors.New("needs a unix system")
}
