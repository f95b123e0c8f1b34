package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

func main() {
	keep := flag.Bool("keep", false, "leave the namespaces in place for a look")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: record [-keep] EXAMPLE-DIRECTORY...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	for _, dir := range flag.Args() {
		if err := record(dir, *keep); err != nil {
			fmt.Fprintf(os.Stderr, "record: %s: %v\n", dir, err)
			os.Exit(1)
		}
	}
}

// record rebuilds one example; nothing is written unless all of it succeeds.
func record(dir string, keep bool) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := pinToOneCPU(); err != nil {
		return fmt.Errorf("pin to one CPU: %w", err)
	}
	lab := newLab(dir)
	if !keep {
		defer lab.close()
	}
	rec, err := lab.run()
	if err != nil {
		return err
	}
	out, err := rec.sort()
	if err != nil {
		return err
	}
	if err := rec.check(out); err != nil {
		return err
	}
	fmt.Println(out.summary(filepath.Base(dir)))
	return out.write(dir, rec)
}

// pinToOneCPU binds this thread, and so every process started from it, to the
// first CPU. The goroutine keeps the thread.
func pinToOneCPU() error {
	runtime.LockOSThread()
	return setAffinity(0)
}
