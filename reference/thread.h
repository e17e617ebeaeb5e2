/* What the provider keeps for a thread of the client. */
#ifndef WSPREF_THREAD_H
#define WSPREF_THREAD_H

#include "win.h"

struct thread {
    struct thread *next; /* list of all */
    HANDLE wake;         /* auto-reset: look at your waiter */
    HANDLE done;         /* manual-reset: your request to the lower layer ended */
    unsigned callbacks;  /* functions of the client that we are in */
    unsigned blocked;    /* blocking calls that WSPCancelBlockingCall can cancel */
    bool cancelled;      /* it did */
    char *scratch;       /* THREAD_SCRATCH bytes for short use, made on first use */
};

/* The calling thread's record, made on first use; NULL: no memory. */
struct thread *thread_self(void);
/* The calling thread's record if it has one. */
struct thread *thread_if_known(void);

/* Memory of the calling thread for the time of a call; NULL: there is none. */
#define THREAD_SCRATCH 65536
char *thread_scratch(void);

/* Whether the thread is in a function of the client that we called: the blocking
 * callback or a condition function (RD-8, RD-9). */
bool thread_in_callback(void);

/* For DllMain, WSPStartup and WSPCleanup. thread_start gives 0 or WSAEPROCLIM. */
void thread_initialize(void);
void thread_delete(void);
int thread_start(void);
void thread_stop(void);
void thread_detach(void);

#endif
