package procsys

import (
	"os"

	"golang.org/x/sys/unix"
)

// readAt reads a file below a directory in three calls of the kernel: many are
// read whenever an interface changes.
func readAt(dir *os.File, name string, buf []byte) ([]byte, error) {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, buf)
	return buf[:max(n, 0)], err
}

// subdirectories lists what is in a directory below dir.
func subdirectories(dir *os.File, name string) []string {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	list, _ := f.Readdirnames(-1)
	return list
}
