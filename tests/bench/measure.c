/* SPDX-License-Identifier: MIT */
/*
 * Runs a command a number of times: measure RUNS SECONDS COMMAND...
 *
 * Prints a line a run: user+system seconds, elapsed seconds, peak memory in KiB, exit status. Output goes to /dev/null. No
 * further run begins once all have taken SECONDS together; a run is killed past them. A small parent, because a process's
 * peak memory starts with what its parent's was.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* wait4 is not in POSIX, but on every system with rusage. */
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static volatile sig_atomic_t running; /* the process that SIGALRM ends; some programs ignore one of their own */

static void too_long(int signal_number)
{
	(void)signal_number;
	kill((pid_t)running, SIGKILL);
}

_Noreturn static void child(char **argv)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	int runs = argc > 3 ? atoi(argv[1]) : 0, status = 0;
	unsigned limit = runs ? (unsigned)atoi(argv[2]) : 0;
	const struct sigaction kill_child = {.sa_handler = too_long, .sa_flags = SA_RESTART};
	double began = now();

	sigaction(SIGALRM, &kill_child, NULL);
	for (int i = 0; i < runs && (i == 0 || now() - began < limit); i++) {
		double start = now();
		struct rusage usage;
		pid_t pid = fork();

		if (pid < 0)
			return 2;
		if (pid == 0)
			child(argv + 3);
		running = pid;
		alarm(limit);
		if (wait4(pid, &status, 0, &usage) < 0)
			return 2;
		alarm(0);
		printf("%.6f %.6f %ld %d\n", seconds(usage.ru_utime) + seconds(usage.ru_stime), now() - start, usage.ru_maxrss,
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	return runs ? 0 : 2;
}
