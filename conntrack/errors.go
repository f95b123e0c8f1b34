package conntrack

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// An Error is a mistake that ends the tool, and its exit status: 2 for a bad
// command line, 1 for all else.
type Error struct {
	Status  int
	Message string
}

const (
	statusFailed = 1
	statusUsage  = 2
)

func (e *Error) Error() string { return e.Message }

// Text is what the tool prints of a mistake.
func (e *Error) Text() string {
	text := prefix + e.Message + "\n"
	if e.Status == statusUsage {
		text += "Try `conntrack -h' or 'conntrack --help' for more information.\n"
	}
	return text
}

// prefix begins what the tool has to say.
const prefix = "conntrack v1.4.7 (conntrack-tools): "

func usageError(format string, args ...any) error {
	return &Error{Status: statusUsage, Message: fmt.Sprintf(format, args...)}
}

func failure(format string, args ...any) error {
	return &Error{Status: statusFailed, Message: fmt.Sprintf(format, args...)}
}

// reasons are what the tool says instead of the system's text, by command.
var reasons = []struct {
	errno syscall.Errno
	ops   []op // nil: all on connections
	text  string
}{
	{syscall.EINVAL, nil, "invalid parameters"},
	{syscall.EEXIST, []op{opCreate}, "Such conntrack exists, try -U to update"},
	{syscall.ENOENT, []op{opCreate, opGet, opDelete, opAdd}, "such conntrack doesn't exist"},
	{syscall.ENOMEM, []op{opCreate, opGet, opAdd}, "not enough memory"},
	{syscall.EAFNOSUPPORT, []op{opGet}, "protocol not supported"},
	{syscall.ENOENT, []op{opExpectCreate}, "master conntrack not found"},
}

// refusals are the system's texts for what the kernel answers.
var refusals = map[syscall.Errno]string{
	syscall.EBUSY: "Device or resource busy", syscall.EOPNOTSUPP: "Operation not supported",
	syscall.ENOENT: "No such file or directory", syscall.EEXIST: "File exists",
	syscall.ENOMEM: "Cannot allocate memory", syscall.EINVAL: "Invalid argument",
	syscall.EMFILE: "Too many open files",
}

// refused is what is said when the table refuses what a command asks.
func refused(o op, errno syscall.Errno) error {
	return failure("Operation failed: %s", reason(o, errno))
}

func reason(o op, errno syscall.Errno) string {
	for _, r := range reasons {
		if r.errno != errno {
			continue
		}
		if r.ops == nil {
			return r.text
		}
		for _, known := range r.ops {
			if known == o {
				return r.text
			}
		}
	}
	if text := refusals[errno]; text != "" {
		return text
	}
	return errno.Error()
}

// systemText is the system's text for an error.
func systemText(err error) string {
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno):
	case errors.Is(err, fs.ErrNotExist):
		errno = syscall.ENOENT
	case errors.Is(err, fs.ErrPermission):
		return "Permission denied"
	default:
		return err.Error()
	}
	if text := refusals[errno]; text != "" {
		return text
	}
	return errno.Error()
}
