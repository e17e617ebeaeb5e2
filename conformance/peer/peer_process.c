#include "peer_process.h"

#include "isotp_peer.h"
#include "peer.h"
#include "running.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- In the process itself ------------------------------------------------------- */

static bool parse_address(const char *family,
                          const char *text,
                          struct sockaddr_storage *address,
                          int *length)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

    memset(address, 0, sizeof *address);
    address->ss_family = (short)atoi(family);
    *length = address->ss_family == AF_INET ? sizeof *v4 : sizeof *v6;
    return inet_pton(address->ss_family,
                     text,
                     address->ss_family == AF_INET ? (void *)&v4->sin_addr
                                                   : (void *)&v6->sin6_addr) == 1;
}

static void set_port(struct sockaddr_storage *address, unsigned short port)
{
    if (address->ss_family == AF_INET)
        ((struct sockaddr_in *)address)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
}

static int say(const char *format, unsigned number)
{
    printf(format, number);
    return fflush(stdout);
}

/* Connects, one way or the other. */
static bool join(SOCKET s, int type, struct sockaddr_storage *address, int length)
{
    struct timeval patience = {.tv_sec = DEFAULT_WAIT_MS / 1000};
    fd_set set;
    unsigned port;

    FD_ZERO(&set);
    FD_SET(s, &set);
    if (type == SOCK_STREAM)
        return select(0, &set, NULL, NULL, &patience) == 1 &&
               accept(s, NULL, NULL) != INVALID_SOCKET;
    if (scanf("%u", &port) != 1)
        return false;
    set_port(address, (unsigned short)port);
    return !connect(s, (struct sockaddr *)address, length);
}

/* Its end is the process's: the transport is not looked at any more. */
static int serve_iso(const char *text)
{
    static struct isotp_peer transport;
    struct isotp_endpoint endpoint = {.port = 0};
    struct isotp_why why;
    isotp_socket listener;

    if (inet_pton(AF_INET, text, endpoint.address) != 1 ||
        isotp_socket_listen(&endpoint, 1, &listener, &why) != ISOTP_OK)
        return 2;
    isotp_peer_init(&transport);
    say("%u\n", endpoint.port);
    if (isotp_serve(&transport, listener, NULL) != ISOTP_OK)
        return 2;
    say("ready\n", 0);
    while (getchar() != EOF)
        continue;
    return 0;
}

int peer_process_main(int count, char **arguments)
{
    struct sockaddr_storage address;
    WSADATA data;
    SOCKET s;
    int length, type;

    if (count != 3 || WSAStartup(MAKEWORD(2, 2), &data))
        return 2;
    if (atoi(arguments[0]) == AF_ISO)
        return serve_iso(arguments[2]);
    if (!parse_address(arguments[0], arguments[2], &address, &length))
        return 2;
    type = atoi(arguments[1]);
    s = socket(address.ss_family, type, 0);
    if (bind(s, (struct sockaddr *)&address, length) ||
        (type == SOCK_STREAM && listen(s, 1)) ||
        getsockname(s, (struct sockaddr *)&address, &length))
        return 2;
    say("%u\n", port_of((struct sockaddr *)&address));
    if (!join(s, type, &address, length))
        return 2;
    say("ready\n", 0);
    while (getchar() != EOF)
        continue;
    return 0;
}

/* --- In the process that tests ---------------------------------------------------- */

static struct {
    HANDLE process;
    HANDLE input;  /* what we write to it */
    HANDLE output; /* what it writes */
} child;

static void close_handle(HANDLE *handle)
{
    if (*handle)
        CloseHandle(*handle);
    *handle = NULL;
}

/* One end is inherited, the other is ours. */
static void make_pipe(HANDLE *ours, HANDLE *theirs, bool we_read)
{
    HANDLE read, write;

    if (!CreatePipe(&read, &write, NULL, 0))
        blocked("no pipe to the peer's process could be made");
    *ours = we_read ? read : write;
    *theirs = we_read ? write : read;
    SetHandleInformation(*theirs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
}

/* Starts it so that it inherits nothing but its pipes: not the provider's sockets. */
static bool start(wchar_t *command, HANDLE input, HANDLE output)
{
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup,
                                              .dwFlags = STARTF_USESTDHANDLES,
                                              .hStdInput = input,
                                              .hStdOutput = output}};
    HANDLE inherited[] = {input, output};
    PROCESS_INFORMATION started;
    char memory[256];
    SIZE_T size = sizeof memory;
    bool ok;

    startup.lpAttributeList = (LPPROC_THREAD_ATTRIBUTE_LIST)(void *)memory;
    ok = InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size) &&
         UpdateProcThreadAttribute(startup.lpAttributeList,
                                   0,
                                   PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                   inherited,
                                   sizeof inherited,
                                   NULL,
                                   NULL) &&
         CreateProcessW(NULL,
                        command,
                        NULL,
                        NULL,
                        TRUE,
                        EXTENDED_STARTUPINFO_PRESENT | CREATE_NO_WINDOW,
                        NULL,
                        NULL,
                        &startup.StartupInfo,
                        &started);
    if (!ok)
        return false;
    CloseHandle(started.hThread);
    child.process = started.hProcess;
    return true;
}

static void start_child(struct spi_test *t)
{
    struct sockaddr_storage address, system;
    wchar_t program[MAX_PATH], command[MAX_PATH + 128];
    char host[64];
    HANDLE input, output;
    int length;
    bool ok;

    worker_address(t, 0, &address, &length);
    system_address((struct sockaddr *)&address, &system, &length);
    if (getnameinfo((struct sockaddr *)&system,
                    length,
                    host,
                    sizeof host,
                    NULL,
                    0,
                    NI_NUMERICHOST))
        blocked("the worker's address cannot be written");
    GetModuleFileNameW(NULL, program, MAX_PATH);
    swprintf(command,
             sizeof command / sizeof command[0],
             L"\"%ls\" peer %d %d %hs",
             program,
             t->entry->iAddressFamily,
             t->entry->iSocketType,
             host);
    make_pipe(&child.input, &input, false);
    make_pipe(&child.output, &output, true);
    ok = start(command, input, output);
    CloseHandle(input);
    CloseHandle(output);
    if (!ok)
        blocked("the peer's process could not be started (Windows error %lu)",
                GetLastError());
}

/* A line that the child prints, without its end. */
static const char *read_line(void)
{
    static char line[64];
    size_t size = 0;
    DWORD got;

    while (size + 1 < sizeof line &&
           ReadFile(child.output, line + size, 1, &got, NULL) && got &&
           line[size] != '\n')
        ++size;
    line[size] = '\0';
    if (!size)
        blocked("the peer's process ended early: it could not be connected");
    return line;
}

static void tell_port(unsigned short port)
{
    char line[16];
    DWORD written;
    int length = snprintf(line, sizeof line, "%u\n", port);

    WriteFile(child.input, line, (DWORD)length, &written, NULL);
}

void connected_to_process(struct spi_test *t)
{
    struct sockaddr_storage address;
    int length;

    if (child.process)
        blocked("a case has one process as a peer");
    start_child(t);
    worker_address(t, (unsigned short)atoi(read_line()), &address, &length);
    bound_socket(t);
    SETUP(spi_connect(t, t->s, (struct sockaddr *)&address, length));
    if (t->entry->iSocketType == SOCK_DGRAM)
        tell_port(local_port(t, t->s));
    read_line();
}

/* The system closes the socket a moment after the process is gone, so for a stream the
 * end of the connection is waited for. */
void peer_process_dies(struct spi_test *t)
{
    if (!child.process)
        blocked("the case has no process as a peer");
    trace_line("peer's process dies");
    TerminateProcess(child.process, 1);
    WaitForSingleObject(child.process, DEFAULT_WAIT_MS);
    close_handle(&child.process);
    if (t->entry->iSocketType != SOCK_DGRAM)
        await_readable(t, t->s);
}

void peer_process_release(void)
{
    if (child.process)
        TerminateProcess(child.process, 1);
    close_handle(&child.process);
    close_handle(&child.input);
    close_handle(&child.output);
}
