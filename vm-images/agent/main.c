/*
 * The agent: PID 1 of the guest, and all there is of a user space. It takes requests from the lab over the
 * wire one at a time, has processes of its own carry out the workload, and reports the kernel's state after
 * each step. It never exits, because the kernel would panic.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cgroup.h"
#include "children.h"
#include "cpus.h"
#include "disk.h"
#include "facts.h"
#include "files.h"
#include "folios.h"
#include "modules.h"
#include "probes.h"
#include "program.h"
#include "report.h"
#include "shell.h"
#include "steps.h"
#include "symbols.h"
#include "wire.h"
#include "worker.h"

#define WIRE_PORT "/dev/ttyS1"

static unsigned long long steps;

static _Noreturn void power_off(void)
{
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* Nobody can be told over the wire: the console is all there is. */
static _Noreturn void give_up(const char *what)
{
	dprintf(STDERR_FILENO, "swaplab agent: %s: %s\n", what, error_name(errno));
	power_off();
}

static void mount_devices(void)
{
	/* Kernels that mount it on their own say that it is there already. */
	if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) < 0 && errno != EBUSY)
		give_up("/dev (CONFIG_DEVTMPFS)");
}

static void mount_rest(void)
{
	static const struct {
		const char *type, *path, *lack;
	} mounts[] = {
		{ "proc", "/proc", "CONFIG_PROC_FS" },
		{ "sysfs", "/sys", "CONFIG_SYSFS" },
		{ "tracefs", "/sys/kernel/tracing", "CONFIG_TRACING" },
		/* For a person at the console only. */
		{ "tmpfs", "/tmp", NULL },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, NULL) < 0 && errno != EBUSY &&
		    mounts[i].lack != NULL)
			fact_lack(mounts[i].lack, error_name(errno));
}

static void say_hello(void)
{
	struct utsname name;
	struct sysinfo memory;
	struct message message;

	uname(&name);
	sysinfo(&memory);
	message_begin(&message, "hello");
	message_number(&message, "proto", 1);
	message_text(&message, "release", name.release);
	message_text(&message, "version", name.version);
	message_text(&message, "machine", name.machine);
	message_number(&message, "page", (unsigned long long)sysconf(_SC_PAGESIZE));
	message_number(&message, "cpus", (unsigned long long)cpus_online());
	message_number(&message, "memkb", (unsigned long long)memory.totalram * memory.mem_unit / 1024);
	wire_send(&message);
}

/* Notes names that the preparation is to look up and probe. */
static void want(const struct request *request, struct outcome *outcome)
{
	static const struct {
		const char *key;
		enum use use;
	} lists[] = { { "symbols", USE_SYMBOL }, { "probes", USE_PROBE }, { "returns", USE_RETURN } };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char *names = request_text(request, lists[i].key);

		if (names != NULL && !symbols_want(names, lists[i].use))
			outcome_fail(outcome, "too many names, or one is too long", 0);
	}
}

/*
 * Since 6.17 a kernel can watch which memory is used, from boot on, by trying pages of all memory at random every few
 * milliseconds (CONFIG_DAMON_STAT). Its thread holds a reference to the folio that it tries, and since 6.19 the folio's
 * lock: preempted just then, it keeps reclaim from that folio. It clears accessed bits as well.
 */
static void calm_damon(void)
{
	static const char enabled[] = "/sys/module/damon_stat/parameters/enabled";

	if (access(enabled, F_OK) == 0 && !file_write(enabled, "N"))
		fact_lack(enabled, error_name(errno));
}

/* Everything that takes long and is the same for all runs on this kernel and device, but for the disk itself. */
static void prepare(const struct request *request, struct outcome *outcome)
{
	static bool prepared;
	char *modules = request_text(request, "modules");

	if (prepared) {
		outcome_fail(outcome, "the guest is prepared already", 0);
		return;
	}
	if (modules == NULL) {
		outcome_fail(outcome, "prepare lacks modules", 0);
		return;
	}
	prepared = true;
	mount_rest();
	cgroup_prepare();
	/* The console stays quiet for a person, but warnings of the kernel show; an oops raises the level on its own. */
	file_write("/proc/sys/kernel/printk", "5");
	report_prepare();
	modules_load(modules);
	/* A probe on a module's function needs the module. */
	if (!symbols_resolve())
		fact_lack("CONFIG_KALLSYMS", error_name(errno));
	symbols_report();
	folios_prepare();
	calm_damon();
	probes_install();
}

/* Apart from the preparation, because a disk may be plugged in only after the guest's state was saved. */
static void find_disk(const struct request *request, struct outcome *outcome)
{
	const char *serial = request_text(request, "serial"), *rotational = request_text(request, "rotational");
	unsigned long long number;

	if (serial == NULL || !request_number(request, "number", &number) || number >= AREAS_MAX)
		outcome_fail(outcome, "disk lacks serial or number, or that is too high", 0);
	else
		disk_find((unsigned)number, serial, rotational);
}

static void shell(const struct request *request, struct outcome *outcome)
{
	(void)request;
	(void)outcome;
	shell_start();
}

static _Noreturn void finish(void)
{
	struct message message;

	message_begin(&message, "end");
	message_number(&message, "steps", steps);
	message_number(&message, "sent", wire_sent() + 1);
	wire_send(&message);
	wire_drain();
	power_off();
}

static void answer(const struct request *request, const struct outcome *outcome, long long started_us)
{
	struct message message;

	message_begin(&message, "done");
	message_number(&message, "seq", request->seq);
	message_text(&message, "status", outcome->detail[0] == '\0' ? "ok" : "failed");
	message_text(&message, "detail", outcome->detail);
	message_text(&message, "errno", outcome->error == 0 ? "" : error_name(outcome->error));
	message_number(&message, "us", (unsigned long long)(now_us() - started_us));
	message_number(&message, "sent", wire_sent_for_request() + 1);
	wire_send(&message);
}

static const struct {
	const char *verb;
	void (*carry_out)(const struct request *, struct outcome *);
	bool is_step;
} requests[] = {
	{ "want", want, false },     { "prepare", prepare, false }, { "disk", find_disk, false },
	{ "policy", step_policy, false },
	{ "area", step_area, false },	 { "op", step_op, true },   { "shell", shell, false },
	{ "unpack", program_unpack, false }, { "program", program_run, true },
};

static void serve(const struct request *request)
{
	long long started_us = now_us();
	struct outcome outcome = { .detail = "unknown request" };

	if (strcmp(request->verb, "finish") == 0)
		finish();
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strcmp(request->verb, requests[i].verb) != 0)
			continue;
		outcome.detail[0] = '\0';
		requests[i].carry_out(request, &outcome);
		steps += requests[i].is_step;
	}
	answer(request, &outcome, started_us);
}

int main(void)
{
	static struct request request;

	mount_devices();
	children_watch();
	if (!wire_open(WIRE_PORT))
		give_up(WIRE_PORT);
	say_hello();
	if (!cpu_pin(0))
		give_up("pinning to CPU 0");
	if (!workers_prepare_pipes())
		give_up("pipes for the workload's processes");
	for (;;) {
		wire_receive(&request);
		serve(&request);
	}
}
