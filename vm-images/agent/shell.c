#include "shell.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "children.h"
#include "files.h"

static pid_t shell;

static void become_shell(void)
{
	static char *const argv[] = { "-sh", NULL };
	static char *const environment[] = { "PATH=/bin", "HOME=/", "TERM=vt100", "PS1=/ # ", NULL };

	children_forget();
	setsid();
	int console = open("/dev/ttyS0", O_RDWR);

	ioctl(console, TIOCSCTTY, 1);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	execve("/bin/sh", argv, environment);
	/* A shell that cannot start must not be restarted in a tight loop. */
	sleep_ms(1000);
	_exit(127);
}

void shell_start(void)
{
	if (shell != 0)
		return;
	shell = fork();
	if (shell == 0)
		become_shell();
	if (shell < 0)
		shell = 0;
}

void shell_ended(pid_t pid)
{
	if (pid != shell)
		return;
	shell = 0;
	shell_start();
}
