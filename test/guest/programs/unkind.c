/* A program that does one unkind thing, named by its first argument. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static void flood(void)
{
	for (int line = 0; line < 100000; line++)
		printf("line %d of a flood\n", line);
	fprintf(stderr, "that was all\n");
}

/* Half of them in sessions of their own, with parents that are gone. */
static void leave_children(void)
{
	for (int child = 0; child < 4; child++) {
		if (fork() != 0)
			continue;
		if (child % 2 == 0) {
			setsid();
			if (fork() != 0)
				_exit(0);
		}
		for (;;)
			pause();
	}
	usleep(200000);
}

static void eat_memory(void)
{
	for (;;) {
		int *memory = malloc(4 * MIB);

		for (int i = 0; i < 4 * MIB / (int)sizeof(int); i += 16)
			memory[i] = rand();
	}
}

static void have_a_child_eat_memory(void)
{
	int status;

	if (fork() == 0)
		eat_memory();
	wait(&status);
	printf("the child was killed by %d\n", WTERMSIG(status));
}

static void fork_without_end(void)
{
	for (;;)
		fork();
}

static void panic(void)
{
	int trigger = open("/proc/sysrq-trigger", O_WRONLY);

	usleep(300000);
	if (write(trigger, "c", 1) < 0)
		perror("sysrq-trigger");
}

int main(int count, char **words)
{
	const char *what = count > 1 ? words[1] : "";

	printf("begins to %s\n", what);
	fflush(stdout);
	fprintf(stderr, "and says so here\n");
	if (strcmp(what, "exit") == 0)
		return atoi(words[2]);
	if (strcmp(what, "crash") == 0)
		raise(SIGSEGV);
	if (strcmp(what, "hang") == 0)
		for (;;)
			pause();
	if (strcmp(what, "flood") == 0)
		flood();
	if (strcmp(what, "leave") == 0)
		leave_children();
	if (strcmp(what, "eat") == 0)
		eat_memory();
	if (strcmp(what, "breed") == 0)
		have_a_child_eat_memory();
	if (strcmp(what, "fork") == 0)
		fork_without_end();
	if (strcmp(what, "panic") == 0)
		panic();
	return 0;
}
