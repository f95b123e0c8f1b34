//go:build linux

// Package confine takes from a process the rights that it does not need
// (capabilities(7)).
//
// Rights are a thread's, and a Go program has several threads before its first
// line runs. So the process gives them up in one thread and executes itself
// anew: all threads of the new program have what that thread had. This works in
// the same way with and without cgo.
package confine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// marker is the environment variable by which the new program knows what the old
// one has kept, as a hexadecimal Set.
const marker = "NFVM_CONFINED"

// Process makes sure that the process and all that it will execute have the
// rights in need and no others, and reports what is left. When one of the files
// in read can't be read so, ReadSearch is left as well. If there is anything to
// give up, the process starts anew, so call it first of all.
func Process(need Set, read ...string) (kept Set, err error) {
	now, err := current()
	if err != nil {
		return 0, err
	}
	if missing := need &^ now.permitted; missing != 0 {
		return 0, fmt.Errorf("%v is missing: run nfvm as root, or give it %v", missing, need)
	}
	if before := os.Getenv(marker); before != "" {
		os.Unsetenv(marker)
		mask, err := strconv.ParseUint(before, 16, 64)
		if keep := Set(mask) & (need | ReadSearch); err == nil && now.within(keep) {
			return keep, nil
		}
		return 0, errors.New("the process could not give up its rights")
	}
	if now.within(need) && readable(read) {
		return need, nil
	}
	runtime.LockOSThread() // for good: the thread ends with the program
	return 0, again(now, need, read)
}

// again gives the thread's rights up and executes the program anew.
func again(now state, need Set, read []string) error {
	if err := setCaps(need, now.permitted, 0); err != nil {
		return err
	}
	keep := need
	if !readable(read) {
		keep |= now.permitted & ReadSearch
	}
	if err := now.drop(keep); err != nil {
		return err
	}
	env := append(os.Environ(), fmt.Sprintf("%s=%x", marker, uint64(keep)))
	return os.NewSyscallError("execve", syscall.Exec("/proc/self/exe", os.Args, env))
}

// drop takes all rights but those in keep from the thread, so that they can't be
// had back by executing anything.
func (s *state) drop(keep Set) error {
	setpcap := Set(1) << unix.CAP_SETPCAP
	if s.permitted&setpcap != 0 {
		if err := setCaps(keep|setpcap, s.permitted, 0); err != nil {
			return err
		}
		for c := range s.last + 1 {
			if keep&(1<<c) != 0 {
				continue
			}
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil {
				return os.NewSyscallError("prctl PR_CAPBSET_DROP", err)
			}
		}
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl PR_CAP_AMBIENT_CLEAR_ALL", err)
	}
	if err := setCaps(keep, keep, keep); err != nil {
		return err
	}
	for c := range s.last + 1 {
		if keep&(1<<c) == 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(c), 0, 0); err != nil {
			return os.NewSyscallError("prctl PR_CAP_AMBIENT_RAISE", err)
		}
	}
	return os.NewSyscallError("prctl PR_SET_NO_NEW_PRIVS", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
}

// readable reports whether permissions let the thread read all files; other
// obstacles are not ours.
func readable(files []string) bool {
	for _, name := range files {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrPermission) {
			return false
		}
		if err == nil {
			f.Close()
		}
	}
	return true
}
