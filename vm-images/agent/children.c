#include "children.h"

#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

#include "program.h"
#include "shell.h"
#include "workers.h"

static sigset_t while_waiting;

static void on_child(int signal)
{
	(void)signal;
}

void children_watch(void)
{
	struct sigaction action = { .sa_handler = on_child };
	sigset_t child;

	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &while_waiting);
}

void children_forget(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(SIGCHLD, &action, NULL);
	sigprocmask(SIG_SETMASK, &while_waiting, NULL);
}

/* Orphans of the person's shell come to PID 1 too: they match nobody and are only reaped. */
static void reap(void)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		worker_ended(pid, status);
		shell_ended(pid);
		program_ended(pid, status);
	}
}

enum wake wait_for(int fd, int timeout_ms)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	return wait_for_any(&input, 1, timeout_ms);
}

enum wake wait_for_any(struct pollfd *inputs, nfds_t count, int timeout_ms)
{
	struct timespec timeout = { .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L };
	int ready = ppoll(inputs, count, timeout_ms < 0 ? NULL : &timeout, &while_waiting);

	if (ready > 0)
		return WAKE_INPUT;
	reap();
	return ready < 0 ? WAKE_CHILD : WAKE_TIMEOUT;
}
