/* A far end in a process of its own, which can die. */
#ifndef WSPCHECK_PEER_PROCESS_H
#define WSPCHECK_PEER_PROCESS_H

/* `wspcheck peer FAMILY TYPE ADDRESS`: what that process runs. It prints its port, is
 * told the other side's port by datagram entries, prints `ready` when it is connected,
 * and lives until its standard input ends. Gives the exit code. */
int peer_process_main(int count, char **arguments);

/* Ends the process of the running case, if there is one. */
void peer_process_release(void);

#endif
