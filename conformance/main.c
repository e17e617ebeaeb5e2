/* wspcheck.exe: what a Windows Sockets 2 transport service provider does, against what
 * the documentation of the SPI says. */
#include "catalogue_listing.h"
#include "command.h"
#include "peer_process.h"
#include "registry.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: wspcheck list\n"
    "       wspcheck catalogue\n"
    "       wspcheck run --dll PATH --entry SPEC [--entry SPEC ...] [--guid GUID]\n"
    "                    [--below PATH [--entry SPEC ...] [--guid GUID] ...]\n"
    "                    [--case GLOB ...] [--jobs-file FILE] [--address4 A]\n"
    "                    [--address6 A] [--results FILE] [--nonces FILE]\n"
    "                    [--limit-ms N] [--memory-mib N] [--rounds N] [--wire]\n"
    "                    [--nonce TEXT] [--dialect ce] [--platform windows2000]\n"
    "                    [--faults]\n"
    "       wspcheck drive, with the options of run but --case, --jobs-file,\n"
    "                    --results, --nonces, --wire and --faults\n"
    "\n"
    "list  prints every case as a line of JSON.\n"
    "catalogue\n"
    "      prints every entry of the system's Winsock catalogue as a line of JSON.\n"
    "run   loads the provider and runs the cases on its entries.\n"
    "probe starts each entry, makes a socket and says what the provider shows; it "
    "takes\n"
    "      the same options.\n"
    "drive loads the provider and makes the calls that are asked for on stdin.\n"
    "\n"
    "  --dll PATH        the provider's DLL\n"
    "  --entry SPEC      an entry of its catalogue, for example\n"
    "                    id=tcp4,af=2,type=1,protocol=6,flags=0x20066,message_size=0,\n"
    "                    min_addr=16,max_addr=16,catalog_id=1001,guid={...},name=...\n"
    "                    (the name last)\n"
    "  --below PATH      the DLL that the provider is layered over; again for what "
    "that\n"
    "                    one is layered over, down to the base. --entry and --guid "
    "that\n"
    "                    follow are about it; entries of one id belong together.\n"
    "                    Without --entry it has those of the layer above\n"
    "  --guid GUID       the ProviderId by which a layer knows its own hidden entry;\n"
    "                    default: what its GetLspGuid tells\n"
    "  --case GLOB       only these cases; may be repeated\n"
    "  --jobs-file FILE  what to run in which order: `<entry> <case>` a line\n"
    "  --address4 A      address for AF_INET peers and sockets (127.0.0.1)\n"
    "  --address6 A      address for AF_INET6 peers and sockets (::1)\n"
    "  --results FILE    append the results to FILE as lines of JSON\n"
    "  --nonces FILE     the next line of FILE goes into each of these lines; FILE is\n"
    "                    read at the start and deleted\n"
    "  --limit-ms N      time limit of a case (10000)\n"
    "  --rounds N        at most so many rounds where a case repeats what seldom "
    "fails\n"
    "  --wire            the network is captured: run cases about packets, with marks\n"
    "  --nonce TEXT      goes into each mark, and each answer of drive\n"
    "  --memory-mib N    memory that the process may take (512)\n"
    "  --dialect ce      the provider follows the pages of Windows CE\n"
    "  --platform windows2000\n"
    "                    the provider claims to run on Windows 2000\n"
    "  --faults          the provider claims to offer the fault extension: say so "
    "where\n"
    "                    it does not (fixtures/include/wspcheck_fault.h)\n"
    "\n"
    "Exit code: 0 ran to the end, 1 some case deviates (only without --results),\n"
    "2 usage, or the provider cannot be started, 4 ended by a crash or a hang.\n";

static int list(void)
{
    registry_open();
    for (size_t i = 0; i < registry_count(); ++i)
        report_case(registry_at(i));
    return 0;
}

/* The runtime calls it, and no header declares it. */
int wmain(int count, wchar_t **wide);

int wmain(int count, wchar_t **wide)
{
    char **arguments = command_arguments(count, wide);
    const char *verb = count > 1 ? arguments[1] : "";

    if (!strcmp(verb, "list") && count == 2)
        return list();
    if (!strcmp(verb, "catalogue") && count == 2)
        return catalogue_listing();
    if (!strcmp(verb, "run"))
        return command_run(count - 2, arguments + 2);
    if (!strcmp(verb, "probe"))
        return command_probe(count - 2, arguments + 2);
    if (!strcmp(verb, "drive"))
        return command_drive(count - 2, arguments + 2);
    if (!strcmp(verb, "peer"))
        return peer_process_main(count - 2, arguments + 2);
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h")) {
        fputs(usage, stdout);
        return 0;
    }
    fputs(usage, stderr);
    return 2;
}
