// SPDX-License-Identifier: MIT

// Command loop answers "what would `docker-compose ... config` print?" many times in one process.
//
// One request a line on standard input, one answer a line on standard output, in the same order:
//
//	{"dir":"/tmp/x","files":["a.yml","b.yml"],"env":{"HOME":"/home/user"},"profiles":["*"],"all":true,"no_normalize":true,"no_env":true}
//	{"out":"name: t\nservices: ..."}
//	{"error":"service \"app\" has neither an image nor a build context specified"}
//
// The steps are those of the command `config` of the real program, through the same packages, so that the text is the
// same to the byte; ../../loop_check.py holds one against the other. Like a fresh process, each request has a working
// directory and an environment of its own, which is why requests are not answered in parallel: run one loop a core.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/utils"
	"github.com/docker/cli/cli/command"
	_ "github.com/docker/compose/v5/cmd/compose" // registers the env_file format "raw"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/docker/compose/v5/pkg/compose"
	"github.com/sirupsen/logrus"
)

// request holds the options of `docker-compose [global options] config [flags]`; absent = not given.
type request struct {
	Dir         string            `json:"dir"` // the current directory
	Env         map[string]string `json:"env"` // the whole process environment
	Files       []string          `json:"files"`
	EnvFiles    []string          `json:"env_files"`
	Profiles    []string          `json:"profiles"`
	Name        string            `json:"name"`
	ProjectDir  string            `json:"project_directory"`
	All         bool              `json:"all"`
	NoNormalize bool              `json:"no_normalize"`
	NoPaths     bool              `json:"no_paths"`
	NoEnv       bool              `json:"no_env"`
	NoChecks    bool              `json:"no_consistency"`
	Format      string            `json:"format"` // "yaml" (default) or "json"
	Warnings    bool              `json:"warnings"`
}

type answer struct {
	Out      string   `json:"out"`
	Error    string   `json:"error,omitempty"`
	Crash    bool     `json:"crash,omitempty"` // the real program would have died with a Go trace
	Warnings []string `json:"warnings,omitempty"`
}

// notes keeps what the packages log while one request is answered.
type notes struct{ lines []string }

func (n *notes) Levels() []logrus.Level { return logrus.AllLevels }

func (n *notes) Fire(e *logrus.Entry) error {
	n.lines = append(n.lines, e.Message)
	return nil
}

func main() {
	debug.SetGCPercent(800)
	logrus.SetOutput(io.Discard)
	log := &notes{}
	logrus.AddHook(log)
	docker, err := command.NewDockerCli(command.WithOutputStream(io.Discard), command.WithErrorStream(io.Discard))
	if err != nil {
		fmt.Fprintln(os.Stderr, "compose-loop:", err)
		os.Exit(2)
	}
	separator := api.Separator
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	encode := json.NewEncoder(out)
	encode.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			log.lines = nil
			api.Separator = separator
			var req request
			reply := answer{}
			if bad := json.Unmarshal(line, &req); bad != nil {
				reply.Error = "bad request: " + bad.Error()
			} else {
				reply = serve(docker, req)
				if req.Warnings {
					reply.Warnings = log.lines
				}
			}
			if encode.Encode(reply) != nil || out.Flush() != nil {
				os.Exit(2)
			}
		}
		if err != nil {
			return
		}
	}
}

// serve sets the process up as a fresh one would be, and never panics.
func serve(docker command.Cli, req request) (reply answer) {
	defer func() {
		if p := recover(); p != nil {
			reply = answer{Error: fmt.Sprint("panic: ", p), Crash: true}
		}
	}()
	if err := os.Chdir(req.Dir); err != nil {
		return answer{Error: err.Error()}
	}
	os.Clearenv()
	for k, v := range req.Env {
		if err := os.Setenv(k, v); err != nil {
			return answer{Error: err.Error()}
		}
	}
	text, err := config(docker, req)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Out: strings.ReplaceAll(string(text), "$", "$$")}
}

func config(docker command.Cli, req request) ([]byte, error) {
	if len(req.EnvFiles) == 0 {
		req.EnvFiles = strings.FieldsFunc(os.Getenv("COMPOSE_ENV_FILES"), func(c rune) bool { return c == ',' })
	}
	for i, file := range req.EnvFiles {
		path, err := filepath.Abs(paths.ExpandUser(file))
		if err != nil {
			return nil, err
		}
		req.EnvFiles[i] = path
	}
	if err := composeVariables(req); err != nil {
		return nil, err
	}
	backend, err := compose.NewComposeService(docker)
	if err != nil {
		return nil, err
	}
	with := []cli.ProjectOptionsFn{
		cli.WithInterpolation(true),
		cli.WithResolvedPaths(!req.NoPaths),
		cli.WithNormalization(!req.NoNormalize),
		cli.WithConsistency(!req.NoChecks),
		cli.WithDefaultProfiles(req.Profiles...),
		cli.WithDiscardEnvFile,
	}
	if req.NoEnv {
		with = append(with, cli.WithoutEnvironmentResolution)
	}
	project, err := backend.LoadProject(context.Background(), api.ProjectLoadOptions{
		ProjectName:       req.Name,
		ConfigPaths:       req.Files,
		WorkingDir:        req.ProjectDir,
		EnvFiles:          req.EnvFiles,
		Profiles:          req.Profiles,
		All:               req.All,
		ProjectOptionsFns: with,
	})
	if err != nil {
		return nil, err
	}
	if !req.NoEnv {
		if project, err = project.WithServicesEnvironmentResolved(true); err != nil {
			return nil, err
		}
	}
	if !req.NoChecks {
		if err = project.CheckContainerNameUnicity(); err != nil {
			return nil, err
		}
	}
	switch req.Format {
	case "", "yaml":
		return project.MarshalYAML()
	case "json":
		return project.MarshalJSON()
	}
	return nil, errors.New("unsupported format " + req.Format)
}

// composeVariables takes the COMPOSE_* of the env files into the process environment, as the program does at its start.
func composeVariables(req request) error {
	options, err := cli.NewProjectOptions(req.Files,
		cli.WithWorkingDirectory(req.ProjectDir),
		cli.WithOsEnv,
		cli.WithEnvFiles(req.EnvFiles...),
		cli.WithDotEnv,
	)
	if err != nil {
		return err
	}
	found, err := dotenv.GetEnvFromFile(utils.GetAsEqualsMap(os.Environ()), options.EnvFiles)
	if err != nil {
		return err
	}
	for k, v := range found {
		if _, set := os.LookupEnv(k); !set && strings.HasPrefix(k, "COMPOSE_") {
			if err := os.Setenv(k, v); err != nil {
				return err
			}
		}
	}
	return nil
}
