// Command mutation shows that tests have teeth: it takes away, one at a time, what promises stand on, and demands that the tests
// named for it go red. It works on a copy of the tree and tells of each mutant that survives.
//
//	go run ./test/services -- go run ./test/mutation          # all of them: a minute and a half on two busy cores
//	go run ./test/services -- go run ./test/mutation lease    # those whose description has the word
//
// The same tests are run once without any mutation: red tests that were red before show nothing.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(strings.Join(os.Args[1:], " ")); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

func run(about string) error {
	chosen := slices.DeleteFunc(slices.Clone(Table), func(m Mutant) bool { return !strings.Contains(m.What, about) })
	if len(chosen) == 0 {
		return fmt.Errorf("nothing is about %q", about)
	}
	tree, err := copyTree()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tree) }()
	if err := sound(tree, chosen); err != nil {
		return err
	}
	var survivors []string
	for _, m := range chosen {
		began := time.Now()
		red, out, err := m.noticed(tree)
		if err != nil {
			return fmt.Errorf("without %s: %w", m.What, err)
		}
		verdict := "red"
		if !red { // the others are tried all the same
			verdict = "SURVIVES"
			survivors = append(survivors, m.What)
			fmt.Printf("%s\n", out)
		}
		fmt.Printf("%-8s %5.1fs  without %s (%s)\n", verdict, time.Since(began).Seconds(), m.What, m.Tests)
	}
	if len(survivors) > 0 {
		return fmt.Errorf("%d of %d survive: no test notices when there is no %s", len(survivors), len(chosen), strings.Join(survivors, ", no "))
	}
	fmt.Printf("all %d were noticed\n", len(chosen))
	return nil
}

// sound runs the tests on the tree as it is.
func sound(tree string, chosen []Mutant) error {
	ran := map[string]bool{}
	for _, m := range chosen {
		if ran[m.Tests] {
			continue
		}
		ran[m.Tests] = true
		out, err := tests(tree, m.Tests)
		if err != nil || !strings.Contains(out, "--- PASS") {
			return fmt.Errorf("%s is not green as it is: %w\n%s", m.Tests, err, out)
		}
	}
	return nil
}

// noticed makes the mutant, runs its tests and puts back what it took.
func (m Mutant) noticed(tree string) (red bool, out string, err error) {
	path := filepath.Join(tree, m.File)
	whole, err := os.ReadFile(path)
	if err != nil {
		return false, "", err
	}
	mutant, err := m.apply(string(whole))
	if err != nil {
		return false, "", err
	}
	if err := os.WriteFile(path, []byte(mutant), 0o600); err != nil {
		return false, "", err
	}
	out, failed := tests(tree, m.Tests)
	if failed != nil && !strings.Contains(out, "--- FAIL") && !strings.Contains(out, "panic: ") {
		return false, "", fmt.Errorf("%s did not run: %w\n%s", m.Tests, failed, out)
	}
	return failed != nil, out, os.WriteFile(path, whole, 0o600)
}

// apply replaces the fragment, which stands once in the file.
func (m Mutant) apply(file string) (string, error) {
	if n := strings.Count(file, m.Fragment); n != 1 || m.Fragment == "" {
		return "", fmt.Errorf("%s has the fragment %d times, and not once: %q", m.File, n, m.Fragment)
	}
	return strings.Replace(file, m.Fragment, m.Replacement, 1), nil
}

func tests(tree, which string) (string, error) {
	where, name, _ := strings.Cut(which, " ")
	cmd := exec.Command("go", "test", "-trimpath", "-vet=off", "-count=1", "-v", "-failfast", "-timeout", "1m", "-run", name, where)
	cmd.Dir = tree
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copyTree copies what git keeps, and what it would keep, as it stands here.
func copyTree() (string, error) {
	root, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", fmt.Errorf("git: %w", err)
	}
	from := strings.TrimSpace(string(root))
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = from
	files, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("git: %w", err)
	}
	to, err := os.MkdirTemp("", "freshet-mutation-")
	if err != nil {
		return "", err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return "", err
		}
	}
	return to, nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if os.IsNotExist(err) { // removed here, and git was not told yet
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}
