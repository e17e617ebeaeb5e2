#include "kernel_table.h"

#include "spi_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wine's way to the Unix file system. It is wineserver that opens the file, so this is
 * the table of the network namespace in which the sockets are. */
static HANDLE open_table(int family, int type)
{
    wchar_t path[64];

    swprintf(path,
             sizeof path / sizeof path[0],
             L"\\\\?\\unix\\proc\\net\\%ls%ls",
             type == SOCK_STREAM ? L"tcp" : L"udp",
             family == AF_INET6 ? L"6" : L"");
    return CreateFileW(path,
                       GENERIC_READ,
                       FILE_SHARE_READ | FILE_SHARE_WRITE,
                       NULL,
                       OPEN_EXISTING,
                       0,
                       NULL);
}

/* The whole file, which says that its size is 0; NULL: none. To be freed. */
static char *read_all(HANDLE file)
{
    size_t size = 0, capacity = 65536;
    char *content = malloc(capacity);
    DWORD got;

    while (content &&
           ReadFile(file, content + size, (DWORD)(capacity - size - 1), &got, NULL) &&
           got) {
        size += got;
        if (size + 1 < capacity)
            continue;
        capacity *= 2;
        char *grown = realloc(content, capacity);
        if (!grown)
            free(content);
        content = grown;
    }
    if (content)
        content[size] = '\0';
    return content;
}

/* "  0: 0100007F:1F90 0200007F:0000 0A 00000000:00000001 ..." */
static bool parse(const char *line, struct kernel_socket *row)
{
    unsigned local, remote, state;
    unsigned long sending, receiving;

    if (sscanf(
            line,
            " %*d: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %x %lx:%lx %*s %*s %*d %*d %lu",
            row->local_address,
            &local,
            &remote,
            &state,
            &sending,
            &receiving,
            &row->inode) != 7)
        return false;
    row->local_port = (unsigned short)local;
    row->remote_port = (unsigned short)remote;
    row->state = state;
    row->send_queue = sending;
    row->receive_queue = receiving;
    return true;
}

/* Whether a line before this one is about the same socket: the kernel writes the table
 * in pieces, and while sockets come and go it may repeat a row. */
static bool is_repeated(const char *content, const char *line, unsigned long inode)
{
    struct kernel_socket row;

    for (const char *at = content; inode && at && at < line; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (at < line && parse(at, &row) && row.inode == inode)
            return true;
    }
    return false;
}

bool kernel_table_each(int family,
                       int type,
                       bool (*take)(void *context, const struct kernel_socket *row),
                       void *context)
{
    HANDLE file = open_table(family, type);
    struct kernel_socket row;
    char *content;

    if (file == INVALID_HANDLE_VALUE)
        return false;
    content = read_all(file);
    CloseHandle(file);
    if (!content)
        return false;
    for (const char *line = content; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (parse(line, &row) && !is_repeated(content, line, row.inode) &&
            !take(context, &row))
            break;
    }
    free(content);
    return true;
}

/* Each 32 bit word is written as a number, in the byte order of the machine. */
static void write_address(const struct sockaddr *address, char *text, size_t size)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    DWORD words[4];

    if (address->sa_family == AF_INET) {
        snprintf(text, size, "%08lX", v4->sin_addr.s_addr);
        return;
    }
    memcpy(words, &v6->sin6_addr, sizeof words);
    snprintf(
        text, size, "%08lX%08lX%08lX%08lX", words[0], words[1], words[2], words[3]);
}

bool kernel_socket_is_at(const struct kernel_socket *row,
                         const struct sockaddr *address)
{
    char text[33];

    write_address(address, text, sizeof text);
    return row->local_port == port_of(address) &&
           (!strcmp(row->local_address, text) ||
            strspn(row->local_address, "0") == strlen(row->local_address));
}
