//go:build unix

package control

import (
	"net"
	"os"
	"path/filepath"
)

// listenPrivate makes a socket of mode 0600. It is made under another name and
// appears at path when its mode is set, so that nobody else can ever open it.
func listenPrivate(path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".nfvm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Chmod(filepath.Join(dir, "s"), 0o600); err != nil {
		l.Close()
		return nil, err
	}
	if err := os.Rename(filepath.Join(dir, "s"), path); err != nil {
		l.Close()
		return nil, err
	}
	return &listener{l, path}, nil
}

// A listener removes its socket when it closes.
type listener struct {
	net.Listener
	path string
}

// Close closes the socket and removes it.
func (l *listener) Close() error {
	_ = os.Remove(l.path)
	return l.Listener.Close()
}
