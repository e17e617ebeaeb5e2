/* The command line of `wspcheck run`. */
#ifndef WSPCHECK_COMMAND_H
#define WSPCHECK_COMMAND_H

#include <wchar.h>

/* The arguments as UTF-8; they live as long as the process. */
char **command_arguments(int count, wchar_t **wide);

/* Runs cases; gives the exit code. */
int command_run(int count, char **arguments);

/* Reports what the provider shows of each entry, without running a case; gives the exit
 * code. */
int command_probe(int count, char **arguments);

#endif
