/* bcryptprimitives.dll for wine before 8.13, which has none: programs written in Rust, such as the core of the
   cryptography package, load it for this one function. Every Windows since 8 has its own; ours never leaves wine. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *bytes, SIZE_T count)
{
    return RtlGenRandom(bytes, (ULONG)count);
}
