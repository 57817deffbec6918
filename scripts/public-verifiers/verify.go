// Verifies exported ledgers with the Go project's own transparency-log
// packages (golang.org/x/mod/sumdb/note and tlog), which we did not write.
//
//	verify folder FOLDER LOG_VKEY WITNESS_VKEY [OLDER_CHECKPOINT...]
//	verify proof PROOF LEAF LOG_VKEY WITNESS_VKEY
//
// The hashes are rebuilt from the entries; tiles are compared with what tlog
// makes of them. Nothing is trusted for being in a tile.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func demand(holds bool, format string, args ...interface{}) {
	if !holds {
		check(fmt.Errorf(format, args...))
	}
}

// cosigner verifies cosignature/v1, which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	demand(len(parts) == 3, "bad witness key")
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	check(err)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	demand(len(key) == 33 && key[0] == 4, "not a cosignature/v1 key")
	return cosigner{parts[0], uint32(hash), key[1:]}
}

// openCheckpoint demands the signatures of the log and of the witness.
func openCheckpoint(msg []byte, logKey, witnessKey string) tlog.Tree {
	log, err := note.NewVerifier(logKey)
	check(err)
	opened, err := note.Open(msg, note.VerifierList(log, newCosigner(witnessKey)))
	check(err)
	demand(len(opened.Sigs) == 2, "%d of 2 signatures", len(opened.Sigs))
	lines := strings.Split(opened.Text, "\n")
	demand(len(lines) == 4 && lines[0] == log.Name(), "not a checkpoint of this log")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: root}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	check(err)
	return data
}

func tilePath(level string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < 256 {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	return filepath.Join("tile", level, path)
}

func width(count, n int64) int {
	if rest := count - n*256; rest < 256 {
		return int(rest)
	}
	return 256
}

func verifyFolder(folder, logKey, witnessKey string, older []string) {
	tree := openCheckpoint(read(filepath.Join(folder, "checkpoint")), logKey, witnessKey)
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			if index >= int64(len(hashes)) {
				return nil, fmt.Errorf("no hash %d", index)
			}
			found[i] = hashes[index]
		}
		return found, nil
	})
	var count int64
	for n := int64(0); n*256 < tree.N; n++ {
		bundle := read(filepath.Join(folder, tilePath("entries", n, width(tree.N, n))))
		for len(bundle) > 0 {
			demand(len(bundle) >= 2, "bundle %d is cut", n)
			length := int(binary.BigEndian.Uint16(bundle))
			demand(len(bundle) >= 2+length, "bundle %d is cut", n)
			more, err := tlog.StoredHashes(count, bundle[2:2+length], reader)
			check(err)
			hashes = append(hashes, more...)
			bundle = bundle[2+length:]
			count++
		}
	}
	demand(count == tree.N, "%d entries, not %d", count, tree.N)
	if tree.N > 0 {
		root, err := tlog.TreeHash(tree.N, reader)
		check(err)
		demand(root == tree.Hash, "root %v, not %v", root, tree.Hash)
	}
	for level, size := 0, tree.N; size > 0; level, size = level+1, size/256 {
		for n := int64(0); n*256 < size; n++ {
			w := width(size, n)
			data, err := tlog.ReadTileData(tlog.Tile{H: 8, L: level, N: n, W: w}, reader)
			check(err)
			path := tilePath(strconv.Itoa(level), n, w)
			demand(bytes.Equal(data, read(filepath.Join(folder, path))), "tile %s differs", path)
		}
	}
	for _, path := range older {
		old := openCheckpoint(read(path), logKey, witnessKey)
		demand(old.N <= tree.N, "checkpoint of size %d is newer", old.N)
		if old.N == 0 {
			continue
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		check(err)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	}
}

func verifyProof(proofPath, leafPath, logKey, witnessKey string) {
	parts := strings.SplitN(string(read(proofPath)), "\n\n", 2)
	demand(len(parts) == 2, "no checkpoint")
	tree := openCheckpoint([]byte(parts[1]), logKey, witnessKey)
	lines := strings.Split(parts[0], "\n")
	demand(len(lines) >= 2 && lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		check(err)
		proof = append(proof, hash)
	}
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(read(leafPath))))
}

func main() {
	args := os.Args[1:]
	switch {
	case len(args) >= 4 && args[0] == "folder":
		verifyFolder(args[1], args[2], args[3], args[4:])
	case len(args) == 5 && args[0] == "proof":
		verifyProof(args[1], args[2], args[3], args[4])
	default:
		check(fmt.Errorf("usage: verify folder|proof ..."))
	}
}
