package mysqlstore_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
)

func TestAllInstancesAgreeOnASecret(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		const makers = 8
		var all sync.WaitGroup
		answers := make([][]byte, makers)
		for i := range makers {
			all.Go(func() {
				var err error
				answers[i], err = mysqlstore.NewSecrets([]*mysqlstore.DB{a, b}[i%2]).GetOrCreate(t.Context(), "key", func() ([]byte, error) {
					return fmt.Append([]byte{0, 0xff}, i), nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, answer := range answers {
			require.Len(t, answer, 3)
			require.Equal(t, answers[0], answer)
		}
		never := func() ([]byte, error) { return nil, errors.New("made again") }
		again, err := mysqlstore.NewSecrets(b).GetOrCreate(t.Context(), "key", never)
		require.NoError(t, err)
		require.Equal(t, answers[0], again)
		_, err = mysqlstore.NewSecrets(b).GetOrCreate(t.Context(), "other", never)
		require.ErrorContains(t, err, "made again")
	})
}
