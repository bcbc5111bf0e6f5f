#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "children.h"
#include "disk.h"
#include "files.h"
#include "output.h"
#include "report.h"
#include "unpack.h"

/* What comes from outside: how to start the program, and its root. */
#define PLACE "/program"
#define START PLACE "/start"
#define ROOT PLACE "/root"
#define DEBUGFS "/sys/kernel/debug"

static pid_t pid;
static int status;

/* How to start it: strings one after the other, first the folder to start in, then its path, then how many strings of environment. */
static struct {
	char text[PROGRAM_START_BYTES];
	char *folder, *path;
	char *environment[PROGRAM_STRINGS_MAX + 1], *arguments[PROGRAM_STRINGS_MAX + 1];
} start;

void program_ended(pid_t ended, int how)
{
	if (ended != pid)
		return;
	pid = 0;
	status = how;
}

/* Applets of busybox for scripts, behind everything else in the search path. */
static void install_applets(void)
{
	pid_t child = fork();

	if (child == 0) {
		children_forget();
		if (chroot(ROOT) == 0 && chdir("/") == 0)
			execl("/bin/busybox", "/bin/busybox", "--install", "-s", "/busybox", NULL);
		_exit(127);
	}
	while (child > 0 && kill(child, 0) == 0)
		wait_for(-1, 10);
}

/*
 * Its files lie in a ramfs, which is never swapped: the swap areas are for what the program has in memory. /tmp is a tmpfs as
 * everywhere.
 */
static const char *make_place(void)
{
	if (mkdir(PLACE, 0755) < 0 || mount("ramfs", PLACE, "ramfs", 0, NULL) < 0)
		return "a place for the program could not be made";
	mkdir(ROOT, 0755);
	mkdir(ROOT "/tmp", 01777);
	if (mount("tmpfs", ROOT "/tmp", "tmpfs", 0, NULL) < 0)
		return "this kernel has no tmpfs (CONFIG_TMPFS)";
	mkdir("/dev/shm", 01777);
	/* Kernels without it run the program all the same. */
	mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	return NULL;
}

void program_unpack(const struct request *request, struct outcome *outcome)
{
	unsigned long long disk, bytes;

	if (!request_number(request, "disk", &disk) || disk >= AREAS_MAX || !request_number(request, "bytes", &bytes)) {
		outcome_fail(outcome, "unpack lacks disk or bytes", 0);
		return;
	}
	const char *problem = make_place();

	if (problem == NULL)
		problem = unpack(disk_path((unsigned)disk), bytes, PLACE);
	if (problem != NULL)
		outcome_fail(outcome, problem, errno);
	else
		install_applets();
	/* No step's system call has failed. */
	outcome->error = 0;
}

static char *next_string(char **cursor, const char *end)
{
	char *string = *cursor;

	if (string >= end)
		return NULL;
	*cursor = string + strlen(string) + 1;
	return string;
}

static bool next_strings(char **strings, unsigned long long count, char **cursor, const char *end)
{
	unsigned long long used = 0;

	while (used < count && (strings[used] = next_string(cursor, end)) != NULL)
		if (++used == PROGRAM_STRINGS_MAX)
			break;
	strings[used] = NULL;
	return used == count || *cursor >= end;
}

static const char *read_start(void)
{
	int file = open(START, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, start.text, sizeof(start.text) - 1);
	unsigned long long environment_count;

	close(file);
	if (length <= 0)
		return "nothing says how to start the program";
	char *cursor = start.text, *end = start.text + length, *count;

	start.text[length] = '\0';
	start.folder = next_string(&cursor, end);
	start.path = next_string(&cursor, end);
	count = next_string(&cursor, end);
	if (count == NULL || !parse_number(count, &environment_count) ||
	    !next_strings(start.environment, environment_count, &cursor, end) ||
	    !next_strings(start.arguments, PROGRAM_STRINGS_MAX, &cursor, end) || start.arguments[0] == NULL)
		return "what says how to start the program makes no sense, or is too long";
	return NULL;
}

/* A namespace of its own, so that what it mounts goes away with it and its root is no chroot, in which some calls are refused. */
static bool enter_root(void)
{
	static const char *const shared[][2] = { { "/proc", ROOT "/proc" }, { "/sys", ROOT "/sys" }, { "/dev", ROOT "/dev" } };

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(ROOT, ROOT, NULL, MS_BIND | MS_REC, NULL) < 0)
		return false;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (mount(shared[i][0], shared[i][1], NULL, MS_BIND | MS_REC, NULL) < 0)
			return false;
	mount("tmpfs", ROOT "/dev/shm", "tmpfs", 0, NULL);
	return chdir(ROOT) == 0 && mount(".", "/", NULL, MS_MOVE, NULL) == 0 && chroot(".") == 0 && chdir(start.folder) == 0;
}

static void use_streams(int out, int err, int trouble)
{
	int nothing = open("/dev/null", O_RDONLY);

	dup2(nothing, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	/* Above every file that is to be closed. */
	dup3(trouble, PROGRAM_TROUBLE_FD, O_CLOEXEC);
	syscall(SYS_close_range, STDERR_FILENO + 1, PROGRAM_TROUBLE_FD - 1, 0);
}

/* Any error number of what comes before its own first instruction is told through `trouble`, which starting it closes. */
static _Noreturn void become_program(int out, int err, int trouble)
{
	cpu_set_t cpus;

	children_forget();
	setsid();
	memset(&cpus, 0xff, sizeof(cpus));
	sched_setaffinity(0, sizeof(cpus), &cpus);
	cgroup_join_program();
	errno = 0;
	if (enter_root()) {
		use_streams(out, err, trouble);
		trouble = PROGRAM_TROUBLE_FD;
		execve(start.path, start.arguments, start.environment);
	}
	int error = errno;

	if (write(trouble, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* Error number of what kept it from starting; 0 when it has started. */
static int start_program(void)
{
	int out[2], err[2], trouble[2], error = 0;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 || pipe2(trouble, O_CLOEXEC) < 0)
		return errno;
	pid = fork();
	if (pid == 0)
		become_program(out[1], err[1], trouble[1]);
	close(out[1]);
	close(err[1]);
	close(trouble[1]);
	output_begin(out[0], err[0]);
	if (pid < 0 || read(trouble[0], &error, sizeof(error)) < (ssize_t)sizeof(error))
		error = pid < 0 ? errno : 0;
	close(trouble[0]);
	return error;
}

/* Takes its output until `over` or the time is up; false then. */
static bool watch_until(bool (*over)(void), long long deadline_ms)
{
	while (!over()) {
		long long left_ms = deadline_ms - now_ms();

		if (left_ms <= 0)
			return false;
		output_take(left_ms < PROGRAM_LOOK_MS ? (int)left_ms : PROGRAM_LOOK_MS);
		/* A program that runs is at work: that it ends is seen to here. */
		wire_alive((unsigned long long)now_ms());
	}
	return true;
}

static bool it_has_ended(void)
{
	return pid <= 0;
}

static bool all_have_ended(void)
{
	return cgroup_program_count() == 0 && pid <= 0;
}

static void report_took(long long microseconds)
{
	struct message message;

	message_begin(&message, "took");
	message_number(&message, "ns", (unsigned long long)microseconds * 1000);
	wire_send(&message);
}

static void report_end(const char *how, int value, int left_behind, int stuck)
{
	struct message message;

	message_begin(&message, "ended");
	message_text(&message, "how", how);
	message_number(&message, "value", (unsigned long long)value);
	message_number(&message, "left", (unsigned long long)left_behind);
	message_number(&message, "stuck", (unsigned long long)stuck);
	message_number(&message, "oom", cgroup_program_oom_kills());
	message_number(&message, "out", output_bytes(0));
	message_number(&message, "err", output_bytes(1));
	wire_send(&message);
}

/*
 * Nothing that this process has in memory is swapped out: it would take slots of the areas that are looked at, and wait for them
 * in the midst of a report.
 */
static void stay_in_memory(void)
{
	mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

void program_run(const struct request *request, struct outcome *outcome)
{
	unsigned long long timeout_ms;
	const char *problem = request_number(request, "timeout", &timeout_ms) ? read_start() : "program lacks timeout";

	if (problem != NULL || !cgroup_make_program()) {
		outcome_fail(outcome, problem != NULL ? problem : "this kernel has no cgroups (CONFIG_MEMCG), by which the program's processes are known", 0);
		return;
	}
	stay_in_memory();
	long long started_us = now_us();
	int error = start_program(), left_behind = 0;
	bool in_time = error != 0 || watch_until(it_has_ended, now_ms() + (long long)timeout_ms);
	long long took_us = now_us() - started_us;

	/* Children that are about to end are given the time for it. */
	if (in_time && !watch_until(all_have_ended, now_ms() + PROGRAM_GRACE_MS))
		left_behind = cgroup_program_count();
	cgroup_kill_program();
	/* What has moved itself to another cgroup; nobody else is needed any more. */
	kill(-1, SIGKILL);
	int stuck = watch_until(all_have_ended, now_ms() + PROGRAM_KILL_MS) ? 0 : cgroup_program_count();

	output_finish();
	if (!report_wait_writeback())
		outcome_fail(outcome, "pages are still under writeback", 0);
	drain_lru_batches();
	report_send();
	report_took(took_us);
	if (error != 0)
		report_end("refused", error, 0, stuck);
	else if (!in_time)
		report_end("timeout", 0, 0, stuck);
	else if (WIFSIGNALED(status))
		report_end("signal", WTERMSIG(status), left_behind, stuck);
	else
		report_end("exit", WEXITSTATUS(status), left_behind, stuck);
}
