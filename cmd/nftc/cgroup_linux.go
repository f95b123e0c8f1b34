package main

import (
	"os"
	"path"
	"syscall"
)

// hostCgroup numbers a cgroup of this machine as the kernel does: by the inode
// of its directory.
func hostCgroup(name string) (uint64, bool) {
	i, err := os.Stat(path.Join("/sys/fs/cgroup", name))
	if err != nil {
		return 0, false
	}
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return s.Ino, true
}
